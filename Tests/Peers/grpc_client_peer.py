"""grpcio as a client of the Echo service.

Arguments: the folder of echo_pb2.py, the server's port. Prints a line for each scenario: its name, and what came of it.
"""

import sys
import threading
import time

sys.path.insert(0, sys.argv[1])
import grpc
import echo_pb2 as echo

address = f"127.0.0.1:{sys.argv[2]}"


def stubs(channel):
    def method(kind, name):
        return getattr(channel, kind)(
            f"/varve.testing.v1.Echo/{name}",
            request_serializer=echo.EchoRequest.SerializeToString,
            response_deserializer=echo.EchoResponse.FromString,
        )

    return (
        method("unary_unary", "Unary"),
        method("stream_unary", "Collect"),
        method("unary_stream", "Expand"),
        method("stream_stream", "Chat"),
    )


options = [("grpc.max_receive_message_length", 64 << 20), ("grpc.max_send_message_length", 64 << 20)]
channel = grpc.insecure_channel(address, options=options)
unary, collect, expand, chat = stubs(channel)
Request = echo.EchoRequest


def failing(call):
    try:
        result = call()
        if not hasattr(result, "DESCRIPTOR"):
            result = list(result)
        return f"no failure: {result}"
    except grpc.RpcError as error:
        return f"{error.code().name} {error.details()}"


def wait_for_ready():
    return unary(Request(text="a"), wait_for_ready=True).text


def empty():
    return unary(Request()).ByteSize()


def large():
    payload = bytes(range(256)) * 8000
    answer = unary(Request(payload=payload, repeat=16))
    return len(answer.payload) == 16 * len(payload) and answer.payload == payload * 16


def too_large():
    return failing(lambda: unary(Request(payload=b"x" * (5 << 20))))


def metadata():
    answer, call = unary.with_call(Request(text="m"), metadata=(("x-text", "some text"), ("x-bytes-bin", b"\0\xff\1")))
    head = dict(call.initial_metadata())
    tail = dict(call.trailing_metadata())
    return f"{head['x-text']} {head['x-bytes-bin']!r} {tail['x-trailer']}"


def status_text():
    return failing(lambda: unary(Request(fail_code=9, text="50 % of Ünïcode\n")))


def every_status():
    codes = []
    for code in range(1, 17):
        try:
            unary(Request(fail_code=code, text="t"))
            codes.append("none")
        except grpc.RpcError as error:
            codes.append(error.code().value[0])
    return codes == list(range(1, 17))


def deadline():
    began = time.monotonic()
    said = failing(lambda: unary(Request(delay_ms=30000), timeout=0.2))
    return f"{said.split()[0]} {time.monotonic() - began < 10}"


def deadline_in_stream():
    seen = []
    try:
        for answer in expand(Request(text="a", repeat=1000, delay_ms=50), timeout=0.5):
            seen.append(answer.sequence)
        return "no failure"
    except grpc.RpcError as error:
        return f"{error.code().name} {seen == list(range(len(seen))) and 0 < len(seen) < 1000}"


def cancelled():
    call = expand(Request(text="a", repeat=1000000, delay_ms=20))
    next(call)
    call.cancel()
    try:
        for _ in call:
            pass
        return "no failure"
    except grpc.RpcError as error:
        return error.code().name


def collected():
    answer = collect(iter([Request(payload=b"ab", text=str(i)) for i in range(1000)]))
    return f"{len(answer.payload)} {answer.sequence} {len(answer.text)}"


def collected_nothing():
    return collect(iter([])).sequence


def collect_failing():
    def requests():
        yield Request(text="a")
        yield Request(fail_code=3, text="enough")
        for _ in range(100000):
            yield Request(payload=b"x" * 1000)

    return failing(lambda: collect(requests()))


def expanded():
    answers = list(expand(Request(payload=b"x" * 1000, repeat=5000)))
    return f"{len(answers)} {[a.sequence for a in answers] == list(range(5000))}"


def slow_reader():
    call = expand(Request(payload=b"x" * 100000, repeat=200))
    count = 0
    for answer in call:
        if count < 10:
            threading.Event().wait(0.02)
        count += len(answer.payload)
    return count


def chatted():
    turn = threading.Semaphore(1)

    def requests():
        for i in range(200):
            turn.acquire()
            yield Request(text=str(i), repeat=2)

    texts = []
    for answer in chat(requests()):
        texts.append(answer.text)
        if len(texts) % 2 == 0:
            turn.release()
    return texts == [str(i // 2) for i in range(400)]


def compressed():
    with grpc.insecure_channel(address, options=options, compression=grpc.Compression.Gzip) as other:
        unary, collect, expand, chat = stubs(other)
        payload = b"again and again " * 5000
        one = unary(Request(payload=payload)).payload == payload
        many = [a.payload == payload for a in expand(Request(payload=payload, repeat=20))]
        back = len(collect(iter([Request(payload=payload)] * 20)).payload) == 20 * len(payload)
        return one and all(many) and len(many) == 20 and back


def deflated():
    with grpc.insecure_channel(address, compression=grpc.Compression.Deflate) as other:
        return failing(lambda: stubs(other)[0](Request(payload=b"x" * 2000))).split()[0]


def bomb():
    with grpc.insecure_channel(address, options=options, compression=grpc.Compression.Gzip) as other:
        return failing(lambda: stubs(other)[0](Request(payload=b"\0" * (20 << 20)))).split()[0]


def unknown_method():
    call = channel.unary_unary("/varve.testing.v1.Echo/Nothing")
    return failing(lambda: call(b""))


def unknown_service():
    call = channel.unary_unary("/varve.testing.v1.Nobody/Nothing")
    return failing(lambda: call(b""))


def no_message():
    call = channel.unary_unary("/varve.testing.v1.Echo/Unary")
    return failing(lambda: call(b"\xff\xff\xff")).split(":")[0]


def two_requests():
    call = channel.stream_unary("/varve.testing.v1.Echo/Unary")
    return failing(lambda: call(iter([b"", b""])))


def no_request():
    call = channel.stream_unary("/varve.testing.v1.Echo/Unary")
    return failing(lambda: call(iter([])))


def at_once():
    calls = [unary.future(Request(text=str(i), delay_ms=i % 7)) for i in range(500)]
    return [call.result().text for call in calls] == [str(i) for i in range(500)]


def refused():
    return failing(lambda: unary(Request(), metadata=(("x-refuse", "yes"),)))


for scenario in [
    wait_for_ready, empty, large, too_large, metadata, status_text, every_status, deadline, deadline_in_stream,
    cancelled, collected, collected_nothing, collect_failing, expanded, slow_reader, chatted, compressed, deflated,
    bomb, unknown_method, unknown_service, no_message, two_requests, no_request, at_once, refused,
]:
    print(f"{scenario.__name__}: {str(scenario())!r}", flush=True)
channel.close()
