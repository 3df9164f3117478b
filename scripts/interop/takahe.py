"""Takahe: a microblog server with the Mastodon client API."""


from mastodon import Person
from servers import PASSWORD, Server, said

PEOPLE = """
from users.models import Domain, Identity, User
from users.services import IdentityService
from api.models import Application, Token
from core.models import Config
name, host, admin = {name!r}, {host!r}, {admin!r}
Config.system = Config.load_system()
domain = Domain.objects.get_or_create(domain=host, defaults=dict(local=True, public=True, default=True))[0]
user = User.objects.create_user(email=name + '@' + host, password={password!r})
user.admin = user.moderator = admin
user.save()
domain.users.add(user)
identity = IdentityService.create(user=user, username=name, domain=domain, name=name)
scopes = ['read', 'write', 'follow', 'push']
app = Application.create('interop', 'urn:ietf:wg:oauth:2.0:oob', None, ' '.join(scopes))
token = Token.objects.create(application=app, user=user, identity=identity, token='token-' + name, scopes=scopes)
"""


class Takahe(Server):
    """Runs from its sources with the Python of an environment that has what it requires; needs the
    address of a PostgreSQL in which it may make a database."""

    lacks = (
        "report a post",
        "reply where the author approves first",
        "reply that its author refuses",
        "a steward locks a thread",
        "move to another account",
        "delete an account",
        "content warning and language",
        "followers of the group list them",
    )

    def welcomes(self, *people):
        pass

    def __init__(self, sources, python, postgres, name, folder, port):
        super().__init__(name, folder, port)
        self.sources, self.python, self.postgres = sources, python, postgres
        self.work = None
        self.settings = {
            "TAKAHE_DATABASE_SERVER": postgres + "/takahe",
            "TAKAHE_SECRET_KEY": "interop",
            "TAKAHE_MAIN_DOMAIN": name,
            "TAKAHE_ENVIRONMENT": "production",
            "TAKAHE_USE_PROXY_HEADERS": "true",
            "TAKAHE_MEDIA_URL": f"https://{name}/media/",
            "TAKAHE_MEDIA_ROOT": str(self.folder / "media"),
            "TAKAHE_MEDIA_BACKEND": f"local://{self.folder}/media/",
            "TAKAHE_CSRF_HOSTS": f'["https://{name}"]',
            "TAKAHE_STATOR_CONCURRENCY": "4",
        }

    def manage(self, *words, send=""):
        return said([self.python, "manage.py", *words], self.settings, self.sources, send)

    def start(self):
        if self.work is None:
            said(["psql", self.postgres + "/postgres", "-c", "create database takahe"], {}, "/")
            self.manage("collectstatic", "--noinput", "--verbosity", "0")
            self.manage("migrate", "--verbosity", "0")
        command = [self.python, "-m", "gunicorn", "takahe.wsgi:application", "--threads", "4"]
        self.launch([*command, "-b", f"127.0.0.1:{self.port}"], self.settings, self.sources)
        self.ready("/nodeinfo/2.0/")
        self.work = Server("stator", self.folder / "stator", 0)
        command = [self.python, "manage.py", "runstator", "--concurrency", "4"]
        self.work.launch(command, self.settings, self.sources)

    def stop(self):
        super().stop()
        if self.work:
            self.work.stop()

    def person(self, name, admin=False):
        about = {"name": name, "host": self.domain, "admin": admin, "password": PASSWORD}
        self.manage("shell", "-c", PEOPLE.format(**about))
        return Person(name, self.domain, "token-" + name)
