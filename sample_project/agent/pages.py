"""The admin's pages as a person with all rights gets them, without a server."""

import html
import re

from django.contrib.auth import get_user_model
from django.urls import reverse

# A field that cannot be edited, in the markup of Django 2.2 to 6.1.
_READ_ONLY = r'field-%s\b.*?<div class="readonly">(.*?)</div>'


def admin_list(model):
    """What is wrong with a model's list; empty when nothing is."""
    try:
        response = _get(_address(model, "changelist"))
    except Exception as error:  # whatever a database makes of the page's queries
        return "{}: {}".format(type(error).__name__, error)
    return "" if response.status_code == 200 else "status {}".format(response.status_code)


def admin_page(row, fields):
    """The texts that a row's page shows of fields that cannot be edited, by name; None of others."""
    page = _get(_address(row, "change", row.pk)).content.decode()
    found = {field: re.search(_READ_ONLY % field, page, re.DOTALL) for field in fields}
    return {field: html.unescape(match.group(1)).strip() if match else None for field, match in found.items()}


def _address(model, page, *args):
    options = model._meta
    return reverse("admin:{}_{}_{}".format(options.app_label, options.model_name, page), args=args)


def _get(address):
    from django.test import Client  # dear to import, and few cells ask for pages

    users = get_user_model().objects
    user = users.filter(username="agent").first()
    if user is None:
        user = users.create_superuser("agent", "agent@example.org", None)
    client = Client()
    client.force_login(user)
    return client.get(address)
