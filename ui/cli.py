"""The console script `commentariat`: one thin function a command, engines imported when a command needs them."""

import json
import logging
import logging.handlers
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingest.errors import CommentariatError
from ingest.wording import counted, noun

if TYPE_CHECKING:
    from rag.build import Workspace
    from rag.settings import Settings

__all__ = ["cli", "main"]

log = logging.getLogger("commentariat")

_LIBRARY = click.option(
    "--library", type=click.Path(path_type=Path, file_okay=False), help="Folder of the library [COMMENTARIAT_HOME]."
)
_VERBOSE = click.option("--verbose", is_flag=True, help="Say on standard error what is done.")
_ANSWERER = click.option(
    "--answerer", type=click.Choice(["auto", "quotes", "model"]), help="Who phrases the answer [auto]."
)
_FRESH = click.option("--fresh", is_flag=True, help="Answer anew, also what was answered before.")


def main() -> None:
    """Run the command line; print a failure in one line with its remedy, and exit with 2."""
    try:
        cli.main(standalone_mode=False)
    except CommentariatError as error:
        log.info("%s: %s", type(error).__name__, error.message)
        click.echo(f"commentariat: {error.message}\n  {error.remedy}", err=True)
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        log.exception("unexpected")
        click.echo(
            f"commentariat: unexpected {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}\n"
            "  The log file in the library's folder holds the details; `commentariat doctor` checks the installation.",
            err=True,
        )
        sys.exit(2)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="commentariat")
def cli() -> None:
    """Ask an article and its comment thread anything; every sentence cites the comment it rests on."""


@cli.command()
@click.argument("sources", nargs=-1, required=True)
@click.option("--name", help="Name of the thread where the source gives none [the file's name].")
@click.option("--format", "format_name", help="Read as this format; see `commentariat formats`.")
@click.option("--thread", "chosen", multiple=True, help="Add this thread of a file that holds several (id or title).")
@click.option("--all", "every", is_flag=True, help="Add every thread of a file that holds several.")
@_LIBRARY
@_VERBOSE
def add(
    sources: tuple[str, ...],
    name: str | None,
    format_name: str | None,
    chosen: tuple[str, ...],
    every: bool,
    library: Path | None,
    verbose: bool,
) -> None:
    """Add threads: files, URLs, or - for standard input."""
    from ui.intake import choose, read_source, report_line

    with _workspace(library, verbose) as workspace:
        for item in sources:
            threads = read_source(item, name=name, format_name=format_name, settings=workspace.settings)
            for thread in choose(threads, chosen, every=every):
                with click.progressbar(length=1, label=thread.title[:40], file=sys.stderr) as bar:

                    def progress(done: int, total: int, bar: "click._termui_impl.ProgressBar[int]" = bar) -> None:
                        bar.length = max(1, total)
                        bar.update(done - bar.pos)

                    report = workspace.library.add(thread, progress)
                click.echo(report_line(workspace.library.thread(report.thread_id), report))


@cli.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_LIBRARY
@_VERBOSE
def list_threads(as_json: bool, library: Path | None, verbose: bool) -> None:
    """List the threads of the library."""
    from dataclasses import asdict

    with _workspace(library, verbose) as workspace:
        rows = workspace.library.threads()
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2))
        return
    if not rows:
        click.echo("The library is empty. Add a thread with `commentariat add FILE`.")
    for row in rows:
        click.echo(f"{click.style(row.id, bold=True)}  {row.title}")
        written = f"{counted(row.comments, 'comment')} by {counted(row.people, 'named person', 'named people')}"
        click.echo(f"    {written} · {row.source} · {row.origin}")


@cli.command()
@click.argument("thread")
@click.option("--tree", "shape", flag_value="tree", help="Draw the tree, a line a comment.")
@click.option("--json", "shape", flag_value="json", help="Print canonical JSON.")
@_LIBRARY
@_VERBOSE
def show(thread: str, shape: str | None, library: Path | None, verbose: bool) -> None:
    """Show a thread: its article and comments."""
    from ingest.dump import draw, to_json
    from ui.terminal import read_aloud

    with _workspace(library, verbose) as workspace:
        found = workspace.library.thread(workspace.library.find(thread))
    if shape == "json":
        click.echo(json.dumps(to_json(found), ensure_ascii=False, indent=2))
    elif shape == "tree":
        click.echo(draw(found, width=shutil.get_terminal_size((100, 24)).columns), nl=False)
    elif sys.stdout.isatty():
        click.echo_via_pager(read_aloud(found))
    else:
        click.echo("".join(read_aloud(found)), nl=False)


@cli.command()
@click.argument("question")
@click.option("--thread", "threads", multiple=True, help="Ask this thread (id, beginning or title); repeatable [all].")
@_ANSWERER
@click.option(
    "--history", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="JSON: [[question, answer], …]."
)
@_FRESH
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@_LIBRARY
@_VERBOSE
def ask(
    question: str,
    threads: tuple[str, ...],
    answerer: str | None,
    history: Path | None,
    fresh: bool,
    as_json: bool,
    library: Path | None,
    verbose: bool,
) -> None:
    """Ask a question; declining is an answer and exits with 0."""
    from rag.evidence import Done, Scope
    from rag.present import answer_json
    from ui.terminal import print_answer, read_history

    with _workspace(library, verbose, answerer=answerer) as workspace:
        scope = Scope(thread_ids=tuple(workspace.library.find(name) for name in threads))
        events = workspace.engine.ask(question, read_history(history), scope, fresh=fresh)
        if as_json:
            answer = next(event.answer for event in events if isinstance(event, Done))
            click.echo(json.dumps(answer_json(answer), ensure_ascii=False, indent=2))
        else:
            print_answer(events, live=sys.stdout.isatty())


@cli.command()
@click.option("--thread", "threads", multiple=True, help="Talk about this thread; repeatable [all].")
@_ANSWERER
@_FRESH
@_LIBRARY
@_VERBOSE
def chat(threads: tuple[str, ...], answerer: str | None, fresh: bool, library: Path | None, verbose: bool) -> None:
    """Ask one question after another; an empty line ends."""
    from rag.evidence import Scope, Turn
    from ui.terminal import print_answer

    with _workspace(library, verbose, answerer=answerer) as workspace:
        scope = Scope(thread_ids=tuple(workspace.library.find(name) for name in threads))
        if sys.stdin.isatty():
            workspace.read_ahead()  # while the first question is typed
        turns: list[Turn] = []
        while question := click.prompt("?", default="", show_default=False, prompt_suffix=" ").strip():
            events = workspace.engine.ask(question, turns, scope, fresh=fresh)
            try:
                answer = print_answer(events, live=sys.stdout.isatty())
            except KeyboardInterrupt:  # ends the answer, not the conversation
                click.echo("\nStopped.", err=True)
                continue
            except CommentariatError as error:
                click.echo(f"{error.message}\n  {error.remedy}", err=True)
                continue
            cited = tuple(citation for claim in answer.claims for citation in claim.citations)
            turns.append(Turn(question, answer.text, cited))


@cli.command()
@click.argument("thread")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@_LIBRARY
@_VERBOSE
def remove(thread: str, yes: bool, library: Path | None, verbose: bool) -> None:
    """Erase a thread: text, full-text index, vectors, conversations."""
    from ui.intake import erase

    with _workspace(library, verbose) as workspace:
        thread_id = workspace.library.find(thread)
        if not yes and sys.stdin.isatty():
            click.confirm(f"Erase {thread_id}?", abort=True)
        erase(workspace, thread_id)
        click.echo(f"Removed {thread_id}.")


@cli.command()
@click.argument("thread")
@click.argument("title")
@_LIBRARY
@_VERBOSE
def rename(thread: str, title: str, library: Path | None, verbose: bool) -> None:
    """List a thread under another title; an empty one gives it its own back."""
    with _workspace(library, verbose) as workspace:
        thread_id = workspace.library.find(thread)
        click.echo(f"{thread_id} is now listed as {workspace.library.rename(thread_id, title)!r}.")


@cli.command()
@click.argument("thread")
@_LIBRARY
@_VERBOSE
def refresh(thread: str, library: Path | None, verbose: bool) -> None:
    """Fetch a thread from its URL again; say what is new, edited, gone."""
    from ui.intake import read_again, report_line

    with _workspace(library, verbose) as workspace:
        old = workspace.library.thread(workspace.library.find(thread))
        report = workspace.library.add(read_again(old, workspace.settings))
        click.echo(report_line(workspace.library.thread(report.thread_id), report))


@cli.command()
@_LIBRARY
@_VERBOSE
def reindex(library: Path | None, verbose: bool) -> None:
    """Rebuild the vector index from the catalogue."""
    with (
        _workspace(library, verbose, anew=True) as workspace,
        click.progressbar(length=1, label="Indexing", file=sys.stderr) as bar,
    ):

        def progress(done: int, total: int) -> None:
            bar.length = max(1, total)
            bar.update(done - bar.pos)

        workspace.library.reindex(progress)
    click.echo("The index is rebuilt.")


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_LIBRARY
@_VERBOSE
def doctor(as_json: bool, library: Path | None, verbose: bool) -> None:
    """Check the installation and the library; exit with 1 if something needs mending."""
    from dataclasses import asdict

    from rag.doctor import diagnose

    findings = diagnose(_settings(library))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        colours = {"ok": "green", "warning": "yellow", "error": "red"}
        for finding in findings:
            click.echo(
                f"{click.style(finding.severity, fg=colours[finding.severity]):>9}  {finding.name}: {finding.message}"
            )
            if finding.remedy:
                click.echo(f"           {finding.remedy}")
    if any(finding.severity == "error" for finding in findings):
        sys.exit(1)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_LIBRARY
@_VERBOSE
def backup(file: Path, library: Path | None, verbose: bool) -> None:
    """Write the whole library into a zip file, while it is in use."""
    from rag.backup import backup as write
    from rag.backup import on_server

    settings = _settings(library)
    _log_to(settings.home, verbose=verbose)
    with on_server(settings, to_read=True) as server:
        threads = write(settings.home, file, server=server)
    click.echo(f"{counted(threads, 'thread')} {noun(threads, 'is', 'are')} safe in {file}.")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@_LIBRARY
@_VERBOSE
def restore(file: Path, yes: bool, library: Path | None, verbose: bool) -> None:
    """Put the library of a backup in the place of the present one."""
    from rag.backup import on_server
    from rag.backup import restore as read

    settings = _settings(library)
    _log_to(settings.home, verbose=verbose)
    if not yes and sys.stdin.isatty():
        click.confirm(f"Replace the library at {settings.where}?", abort=True)
    with on_server(settings, to_read=False) as server:
        threads = read(settings.home, file, server=server)
    click.echo(f"{counted(threads, 'thread')} {noun(threads, 'is', 'are')} restored.")


@cli.command()
def formats() -> None:
    """List the formats that can be added."""
    from ingest.formats import LOADERS

    for loader in LOADERS:
        click.echo(f"{loader.name:16} {loader.title}")


@cli.command()
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535), help="Port on 127.0.0.1.")
@_LIBRARY
@_VERBOSE
def page(port: int, library: Path | None, verbose: bool) -> None:
    """Serve the chat page; an empty library is given the sample thread first."""
    from ui.intake import add_sample_if_empty
    from ui.page import serve

    with _workspace(library, verbose) as workspace:
        add_sample_if_empty(workspace)
        settings = workspace.settings
    sys.exit(serve(settings, port))


@cli.command(name="serve")
@click.option("--port", default=8700, show_default=True, type=click.IntRange(0, 65535), help="Port; 0: any free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--token", help="Bearer token to ask for; needed beyond loopback [COMMENTARIAT_SERVER_TOKEN].")
@_LIBRARY
@_VERBOSE
def serve_http(port: int, host: str, token: str | None, library: Path | None, verbose: bool) -> None:
    """Serve the library over HTTP: threads, questions, answers as they come."""
    from ui.server import serve

    with _workspace(library, verbose) as workspace:
        serve(workspace, host=host, port=port, token=token or "")


@cli.command(name="mcp")
@_LIBRARY
@_VERBOSE
def serve_tools(library: Path | None, verbose: bool) -> None:
    """Serve the library as MCP tools on standard input and output: add, list, ask, show."""
    from ui.tools import toolbox

    with _workspace(library, verbose) as workspace:
        toolbox(workspace).run()


def _settings(library: Path | None, answerer: str | None = None) -> "Settings":
    from rag.settings import Settings

    return Settings.from_environment(home=library.absolute() if library else None, answerer=answerer)


def _workspace(library: Path | None, verbose: bool, answerer: str | None = None, *, anew: bool = False) -> "Workspace":
    from rag.build import open_workspace

    settings = _settings(library, answerer)
    _log_to(settings.home, verbose=verbose)
    return open_workspace(settings, anew=anew)


class _LogFile(logging.handlers.RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing: no room for a log is no reason to trouble anybody."""


def _log_to(home: Path, *, verbose: bool) -> None:
    """Write what is done to a rotating file in the library's folder, and to standard error with --verbose."""
    log.setLevel(logging.INFO)
    if log.handlers:
        return
    try:
        home.mkdir(parents=True, exist_ok=True)
        file = _LogFile(home / "commentariat.log", maxBytes=1_000_000, backupCount=3, delay=True)
        file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(file)
    except OSError:
        log.addHandler(logging.NullHandler())
    if verbose:
        console = logging.StreamHandler()
        console.setFormatter(logging.Formatter("%(message)s"))
        log.addHandler(console)
