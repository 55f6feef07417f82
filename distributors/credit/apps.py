from django.apps import AppConfig


class CreditConfig(AppConfig):
    name = "distributors.credit"
    label = "credit"
