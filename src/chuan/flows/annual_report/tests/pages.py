"""Reading the pages of reports in tests."""


def words(response):
    return " ".join(response.content.decode().split())
