"""Instants on the wire are ISO 8601 in UTC; datetimes in the database are what USE_TZ makes of them."""

import datetime

from django.conf import settings
from django.utils import timezone

UTC = datetime.timezone.utc


def to_wire(value):
    """A datetime from the database as `{"instant": "...Z", "aware": true}`; None stays None.

    A naive value is taken for the time in TIME_ZONE, which is what Django takes it for.
    """
    if value is None:
        return None
    aware = timezone.is_aware(value)
    if not aware:
        zone = timezone.get_default_timezone()
        # Of an hour that comes twice the first one; pytz, of before Django 4, wants to be told.
        value = zone.localize(value, is_dst=True) if hasattr(zone, "localize") else value.replace(tzinfo=zone)
    return {"instant": value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "aware": aware}


def from_wire(text):
    """The aware datetime, in UTC, that `text` names."""
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def as_entered(text):
    """The instant as a person enters it in the admin: local time, aware or naive as USE_TZ says."""
    value = from_wire(text).astimezone(timezone.get_default_timezone())
    return value if settings.USE_TZ else value.replace(tzinfo=None)
