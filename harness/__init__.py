"""Which versions of Django, Celery, django-celery-beat, django-celery-results and redis-py work together."""
