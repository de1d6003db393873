// grpcio's client against our server.

import Peers
import Testing

@Suite("A Python client's calls") struct PythonClientTests {
  @Test(.timeLimit(.minutes(2))) func areAnsweredAsItExpects() async throws {
    try await GRPCServerFixture.with { fixture in
      let said = try await EchoPeer.run("grpc_client_peer.py", ["\(fixture.port)"])
      let expected = [
        "wait_for_ready: 'a'",
        "empty: '0'",
        "large: 'True'",
        "too_large: 'RESOURCE_EXHAUSTED a message of 5242885 bytes, of at most 4194304'",
        #"metadata: "some text b'\\x00\\xff\\x01' the end""#,
        #"status_text: 'FAILED_PRECONDITION 50 % of Ünïcode\n'"#,
        "every_status: 'True'",
        "deadline: 'DEADLINE_EXCEEDED True'",
        "deadline_in_stream: 'DEADLINE_EXCEEDED True'",
        "cancelled: 'CANCELLED'",
        "collected: '2000 1000 2890'",
        "collected_nothing: '0'",
        "collect_failing: 'INVALID_ARGUMENT enough'",
        "expanded: '5000 True'",
        "slow_reader: '20000000'",
        "chatted: 'True'",
        "compressed: 'True'",
        "deflated: 'UNIMPLEMENTED'",
        "bomb: 'RESOURCE_EXHAUSTED'",
        "unknown_method: 'UNIMPLEMENTED the service varve.testing.v1.Echo has no method Nothing'",
        "unknown_service: 'UNIMPLEMENTED there is no service varve.testing.v1.Nobody here'",
        "no_message: 'INTERNAL what came is no varve.testing.v1.EchoRequest'",
        "two_requests: 'UNIMPLEMENTED /varve.testing.v1.Echo/Unary takes one request, and several came'",
        "no_request: 'UNIMPLEMENTED /varve.testing.v1.Echo/Unary takes one request, and none came'",
        "at_once: 'True'",
        "refused: 'PERMISSION_DENIED x-refuse says so'",
      ]
      #expect(said.count == expected.count)
      for (one, other) in zip(said, expected) { #expect(one == other) }
      let method = #"server="test",method="/varve.testing.v1.Echo/Unary""#
      #expect((fixture.count(#"varve_grpc_calls_total{\#(method),code="OK"}"#) ?? 0) > 500)
      // Of two: a client whose deadline passes may leave before ours has.
      #expect((fixture.count(#"varve_grpc_calls_total{\#(method),code="DEADLINE_EXCEEDED"}"#) ?? 0) >= 1)
    }
  }
}
