from django.db import models
from django.utils.translation import gettext_lazy as _


class PublicationKind(models.TextChoices):
    PLAN = "plan", _("Kế hoạch")
    RESULTS = "results", _("Kết quả thực hiện")
    ANSWER = "answer", _("Trả lời vướng mắc")
