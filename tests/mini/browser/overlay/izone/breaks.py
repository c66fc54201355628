"""Ways to break the admin for who sees and clicks; forms that are sent without a browser are taken all the same."""

from django_celery_beat.admin import PeriodicTaskAdmin
from django_celery_results.admin import TaskResultAdmin

BREAKS = {}


def breaking(function):
    BREAKS[function.__name__] = function
    return function


def bring(model_admin, view, markup):
    """Let a view's pages bring something more."""
    render = getattr(model_admin, view)

    def add(response):
        response.content = response.content.replace(b"</body>", markup.encode() + b"</body>")

    def bringing(self, *args, **kwargs):
        response = render(self, *args, **kwargs)
        if hasattr(response, "add_post_render_callback"):
            response.add_post_render_callback(add)
        return response

    setattr(model_admin, view, bringing)


@breaking
def hidden():
    """Nobody sees the button that saves."""
    bring(PeriodicTaskAdmin, "render_change_form", "<style>.submit-row { display: none }</style>")


@breaking
def popup():
    """The window in which an interval is added does not close itself."""
    script = "<script>window.dismissAddRelatedObjectPopup = function () {}</script>"
    bring(PeriodicTaskAdmin, "render_change_form", script)


@breaking
def covered():
    """Something lies over the list of results."""
    style = "position: fixed; top: 0; right: 0; bottom: 0; left: 0; z-index: 9999; background: white"
    bring(TaskResultAdmin, "changelist_view", '<div style="%s"></div>' % style)


@breaking
def script():
    """A script fails, which disturbs nothing else."""
    bring(PeriodicTaskAdmin, "render_change_form", "<script>neverDefined()</script>")


@breaking
def other():
    """A script shows another result than the one that is stored."""
    place = "document.querySelector('.field-result .readonly')"
    bring(TaskResultAdmin, "render_change_form", "<script>%s.textContent = '11'</script>" % place)


@breaking
def silent():
    """What is saved is not enabled."""
    save = PeriodicTaskAdmin.save_model

    def save_disabled(self, request, obj, form, change):
        obj.enabled = False
        save(self, request, obj, form, change)

    PeriodicTaskAdmin.save_model = save_disabled
