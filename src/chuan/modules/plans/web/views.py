from django.http import HttpResponse


def list_plans(request, **kwargs):
    return HttpResponse("")
