"""The admin, which IZONE_BREAK's way of breaking has broken for who sees and clicks."""

import os
import sys

from django.contrib import admin
from django.urls import path

from izone import breaks

if "runserver" in sys.argv:
    breaks.BREAKS.get(os.environ["IZONE_BREAK"], lambda: None)()

urlpatterns = [path("admin/", admin.site.urls)]
