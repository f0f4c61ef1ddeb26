"""People, their roles, badges and PINs, and the trail of who did what, for administrators."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from apps.accounts import operations
from apps.accounts.models import AuditEntry, Role, User
from apps.accounts.rules import is_pin


class PersonForm(UserChangeForm):  # type: ignore[type-arg]
    """A person, with a new badge or PIN that is never shown again."""

    new_badge = forms.CharField(required=False, help_text="Scan a badge to add it. Earlier ones stay valid.")
    new_pin = forms.CharField(required=False, help_text="Six digits. Takes the place of an earlier one.")

    class Meta:
        model = User
        fields = ("username", "password", "display_name", "emp_id", "is_active", "is_staff", "is_superuser")

    def clean_new_pin(self) -> str:
        """Six digits, or nothing."""
        pin: str = self.cleaned_data["new_pin"]
        if pin and not is_pin(pin):
            raise ValidationError("A PIN is six digits.")
        return pin


class RoleInline(admin.TabularInline):  # type: ignore[type-arg]
    """Roles of a person, one a plant and name."""

    model = Role
    extra = 1


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    """A person with their roles per plant."""

    form = PersonForm
    inlines = (RoleInline,)
    list_display = ("username", "display_name", "emp_id", "is_active", "is_superuser")
    search_fields = ("username", "display_name", "emp_id")
    fieldsets = (
        (None, {"fields": ("username", "password", "display_name", "emp_id")}),
        ("On a tablet", {"fields": ("new_badge", "new_pin")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser")}),
    )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Save the person, then the badge and the PIN that were typed."""
        super().save_model(request, obj, form, change)
        if form.cleaned_data.get("new_badge"):
            operations.give_badge(obj, form.cleaned_data["new_badge"])
        if form.cleaned_data.get("new_pin"):
            operations.give_pin(obj, form.cleaned_data["new_pin"])


@admin.register(AuditEntry)
class AuditAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who did what: read only."""

    list_display = ("at", "who", "device", "action", "target")
    search_fields = ("who", "device", "action", "target")
    ordering = ("-at", "-id")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds to it by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Nobody changes it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Nobody takes anything out of it."""
        return False
