"""The tlog-witness protocol over HTTP. https://c2sp.org/tlog-witness"""

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse

from passerby.public.ledger.witness import LocalWitness

LARGEST_REQUEST = 256 * 1024


def witness_app(witness: LocalWitness, about: str) -> FastAPI:
    """Web application of one witness; ``about`` is what its front page tells people."""
    app = FastAPI(title="Passerby witness", openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/", response_class=PlainTextResponse)
    async def front() -> str:
        return about

    @app.post("/add-checkpoint")
    async def add_checkpoint(request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_REQUEST:
                return PlainTextResponse("the request is too large\n", status_code=413)
        try:
            answer = await run_in_threadpool(witness.add_checkpoint, body)
        except OSError:
            return PlainTextResponse("the witness cannot remember now; nothing was cosigned\n", status_code=503)
        return Response(answer.body, answer.status, media_type=None, headers={"content-type": answer.content_type})

    @app.get("/{origin_hash}/checkpoint")
    def checkpoint(origin_hash: str) -> Response:
        note = witness.checkpoint(origin_hash)
        if note is None:
            return PlainTextResponse("nothing was cosigned for that log\n", status_code=404)
        return PlainTextResponse(note, headers={"cache-control": "no-cache"})

    return app
