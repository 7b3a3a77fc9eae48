"""The thin layer over HTTP: a request goes out, plain data or an `Error` comes back."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import httpx

from musewise.calls import Call
from musewise.errors import (
    NotAllowed,
    ServerError,
    ServerUnreachableError,
    UsageError,
    error_of,
    error_of_problem,
)
from musewise.settings import Account, Server, read_token

MODEL_HEADER = "X-Musewise-Model"
USUAL_TIMEOUT_S = 60.0
LONG_TIMEOUT_S = 1800.0  # a plan of many nights, the checksum of a big file


class Connection:
    """Requests to one server, with its token. Safe to share between threads.

    Parameters
    ----------
    server
        Where, and with which token.
    transport
        The seam for tests and for servers in the same process.
    """

    def __init__(
        self, server: Server, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self.server = server
        self._token = server.token
        self._signing_in = threading.Lock()
        self._model_told = False
        self._http = httpx.Client(
            base_url=server.url,
            transport=transport,
            timeout=httpx.Timeout(USUAL_TIMEOUT_S, connect=5.0),
            headers={"User-Agent": "musewise"},
        )

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._http.close()

    def address(self, path: str, params: Mapping[str, str]) -> str:
        """Give the whole address of a request."""
        url = httpx.URL(self.server.url).join(self.server.address(path))
        return f"{url}?{urlencode(params)}" if params else str(url)

    def ask(self, call: Call[Any]) -> Any:
        """Send a call of the generated SDK; give the plain JSON of the answer."""
        slow = {} if call.method == "GET" else {"timeout": LONG_TIMEOUT_S}
        answer = self._send(
            call.method,
            call.path,
            params=call.params,
            json=call.json,
            headers=call.headers,
            **slow,
        )
        return answer.json() if answer.content else None

    def get(self, path: str, **params: Any) -> Any:
        """Give the JSON answer; parameters that are None are left out."""
        return self._send("GET", path, params=_given(params)).json()

    def text(self, path: str, **params: Any) -> str:
        """Give an answer that is text; parameters that are None are left out."""
        return self._send("GET", path, params=_given(params)).text

    def post(self, path: str, body: Any = None) -> Any:
        """Send JSON, give the JSON answer (None for an empty one)."""
        answer = self._send("POST", path, json=body, timeout=LONG_TIMEOUT_S)
        return answer.json() if answer.content else None

    def patch(self, path: str, body: Any) -> Any:
        """Send a change as JSON, give the JSON answer."""
        return self._send("PATCH", path, json=body).json()

    def replace(self, path: str, body: Any) -> Any:
        """Send JSON in the place of what is there, give the JSON answer."""
        return self._send("PUT", path, json=body).json()

    def delete(self, path: str) -> None:
        """Have something forgotten."""
        self._send("DELETE", path)

    def put(self, path: str, content: Iterable[bytes], size: int) -> None:
        """Send bytes as they come; ``size`` in bytes. Not sent twice by itself."""
        headers = {"Content-Length": str(size)}
        self._send(
            "PUT", path, content=content, headers=headers, timeout=LONG_TIMEOUT_S
        )

    @contextmanager
    def stream(
        self,
        path: str,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        quiet_s: float = USUAL_TIMEOUT_S,
    ) -> Iterator[httpx.Response]:
        """Open an answer whose body is read as it comes.

        ``quiet_s``: so long nothing may come.
        """
        try:
            with self._http.stream(
                "GET",
                self.server.address(path),
                params=None if params is None else dict(params),
                headers={**self._bearer(), **(headers or {})},
                timeout=httpx.Timeout(quiet_s, connect=5.0),
            ) as answer:
                if answer.is_error:
                    answer.read()
                    raise self._explained(answer)
                yield answer
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def lines(self, path: str, body: Any) -> Iterator[Any]:
        """Send JSON, give each line of JSON of the answer when it comes.

        A line ``{"problem": …}`` is an error of the server's that came on the way.
        """
        try:
            with self._http.stream(
                "POST",
                self.server.address(path),
                json=body,
                headers=self._bearer(),
                timeout=LONG_TIMEOUT_S,
            ) as answer:
                if answer.is_error:
                    answer.read()
                    raise error_of(answer)
                for line in answer.iter_lines():
                    found = json.loads(line)
                    if "problem" in found:
                        raise error_of_problem(found["problem"])
                    yield found
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def _send(self, method: str, path: str, **how: Any) -> httpx.Response:
        answer = self._once(method, path, **how)
        if answer.status_code == httpx.codes.UNAUTHORIZED and self._renew_token():
            answer = self._once(method, path, **how)
        if answer.is_error:
            raise self._explained(answer)
        self._compare_models(answer)
        return answer

    def _explained(self, answer: httpx.Response) -> ServerError:
        error = error_of(answer)
        if not isinstance(error, NotAllowed):
            return error
        from musewise.access import explained

        return explained(self, error)

    def _compare_models(self, answer: httpx.Response) -> None:
        """Warn once of a server that knows more of MUSE than this client."""
        number = answer.headers.get(MODEL_HEADER, "")
        if self._model_told or not number.isdigit():
            return
        self._model_told = True
        from musewise.versions import warn_of_newer

        warn_of_newer(int(number), lambda: self.get("/catalog/objects/classes"))

    def _once(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        **how: Any,
    ) -> httpx.Response:
        try:
            return self._http.request(
                method,
                self.server.address(path),
                headers={**self._bearer(), **(headers or {})},
                **how,
            )
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def token(self) -> str:
        """Give the token that is sent; of an account one is fetched.

        Raises
        ------
        UsageError
            There is neither token nor account.
        """
        self._bearer()
        if self._token is None:
            raise UsageError(
                f"No token is known for {self.server.url}.",
                hint="Set MUSEWISE_TOKEN, or MUSEWISE_CLIENT_ID and MUSEWISE_CLIENT_SECRET.",
            )
        return self._token

    def _bearer(self) -> dict[str, str]:
        if self._token is None and self.server.account is not None:
            self._sign_in(self.server.account, refused=None)
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def _renew_token(self) -> bool:
        """Get another token, by the account or from its file; True if there is one."""
        if self.server.account is not None and self.server.token is None:
            self._sign_in(self.server.account, refused=self._token)
            return True
        if self.server.token_file is None:
            return False
        token = read_token(self.server.token_file)
        renewed = token is not None and token != self._token
        self._token = token
        return renewed

    def _sign_in(self, account: Account, *, refused: str | None) -> None:
        """Get a token for an account, unless another thread just did."""
        with self._signing_in:
            if self._token != refused:
                return
            form = sign_in_form(account)
            try:
                answer = self._http.post(self.server.address("/auth/token"), data=form)
            except httpx.TransportError as error:
                raise self._unreachable(error) from error
            if answer.is_error:
                raise error_of(answer)
            self._token = str(answer.json()["access_token"])

    def _unreachable(self, error: httpx.TransportError) -> ServerUnreachableError:
        return unreachable(self.server, error)


def unreachable(server: Server, error: Exception) -> ServerUnreachableError:
    """Say that a server does not answer."""
    what = str(error) or type(error).__name__
    return ServerUnreachableError(
        f"The server at {server.url} (from {server.found_in}) does not answer: {what}."
    )


def sign_in_form(account: Account) -> dict[str, str]:
    """Give what is sent for a token (RFC 6749, section 4.4)."""
    return {
        "grant_type": "client_credentials",
        "client_id": account.client_id,
        "client_secret": account.secret,
    }


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}
