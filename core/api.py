"""REST building blocks: permission by the matrix, cursor pages, throttles, one error shape."""

from rest_framework.pagination import CursorPagination
from rest_framework.permissions import BasePermission

ACTIONS = {
    "GET": "view",
    "HEAD": "view",
    "OPTIONS": "view",
    "POST": "add",
    "PUT": "change",
    "PATCH": "change",
    "DELETE": "delete",
}


class MatrixPermission(BasePermission):
    """Asks the role matrix for the permission that the view names."""

    def has_permission(self, request, view):
        """Tell whether the user holds `view.permission(method)`."""
        return bool(
            request.user and request.user.is_authenticated and request.user.has_perm(view.permission(request.method))
        )


class CursorPages(CursorPagination):
    """Pages by a unique key."""

    ordering = "pk"
    page_size = 100
