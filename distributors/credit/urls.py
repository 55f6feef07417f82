from typing import Any

app_name = "credit"

urlpatterns: list[Any] = []
