"""grpcio as a server of the Echo service.

Argument: the folder of echo_pb2.py. Prints the port that it listens on, and serves until its standard input ends.
"""

import sys
import threading
import time
from concurrent import futures

sys.path.insert(0, sys.argv[1])
import grpc
import echo_pb2 as echo


def wait(request, context):
    if request.delay_ms:
        end = time.monotonic() + request.delay_ms / 1000
        while time.monotonic() < end and context.is_active():
            threading.Event().wait(0.005)


def fail(request, context):
    if request.fail_code:
        code = next(c for c in grpc.StatusCode if c.value[0] == request.fail_code)
        context.set_trailing_metadata((("x-trailer", "the end"),))
        context.abort(code, request.text)


def reflect(context):
    for name, value in context.invocation_metadata():
        if name in ("x-text", "x-bytes-bin"):
            context.send_initial_metadata(((name, value),))
    context.set_trailing_metadata((("x-trailer", "the end"), ("x-more-bin", b"\0\1")))


def unary(request, context):
    reflect(context)
    wait(request, context)
    fail(request, context)
    times = max(1, request.repeat)
    return echo.EchoResponse(payload=request.payload * times, text=request.text * times)


def collect(requests, context):
    payload, text, count = [], [], 0
    for request in requests:
        wait(request, context)
        fail(request, context)
        payload.append(request.payload)
        text.append(request.text)
        count += 1
    return echo.EchoResponse(payload=b"".join(payload), text="".join(text), sequence=count)


def expand(request, context):
    for sequence in range(max(1, request.repeat)):
        wait(request, context)
        if not context.is_active():
            return
        yield echo.EchoResponse(payload=request.payload, text=request.text, sequence=sequence)
    fail(request, context)


def chat(requests, context):
    sequence = 0
    for request in requests:
        for answer in expand(request, context):
            yield echo.EchoResponse(payload=answer.payload, text=answer.text, sequence=sequence)
            sequence += 1


def handler(make, function):
    return make(
        function,
        request_deserializer=echo.EchoRequest.FromString,
        response_serializer=echo.EchoResponse.SerializeToString,
    )


server = grpc.server(
    futures.ThreadPoolExecutor(max_workers=32),
    options=[
        ("grpc.max_receive_message_length", 64 << 20),
        ("grpc.max_send_message_length", 64 << 20),
        ("grpc.so_reuseport", 0),
    ],
    compression=grpc.Compression.Gzip if "gzip" in sys.argv[2:] else None,
)
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("varve.testing.v1.Echo", {
    "Unary": handler(grpc.unary_unary_rpc_method_handler, unary),
    "Collect": handler(grpc.stream_unary_rpc_method_handler, collect),
    "Expand": handler(grpc.unary_stream_rpc_method_handler, expand),
    "Chat": handler(grpc.stream_stream_rpc_method_handler, chat),
}),))
wanted = next((a.split("=")[1] for a in sys.argv[2:] if a.startswith("port=")), "0")
port = server.add_insecure_port(f"127.0.0.1:{wanted}")
server.start()
print(port, flush=True)
sys.stdin.read()
server.stop(0)
