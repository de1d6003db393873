// Answers that are none, from a server that does not mind, written in Python.

import Bytes
import Foundation
import HTTP
import HTTP1
import Peers
import Runtime
import Testing

@testable import HTTPClient

@Suite("Hostile servers") struct HostileServerTests {
  struct Case: Sendable {
    var name: String
    var answer: String
    /// What comes of it: "200 body", or how the error begins.
    var outcome: String
    /// Whether the server keeps the connection open.
    var stays = true
    var method = HTTPMethod.get
  }

  /// Answers a request for /N with the bytes of case N, whatever they are, and then closes or stays.
  static let script = #"""
    import base64, json, socket, sys, threading

    cases = json.load(open(sys.argv[2]))
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=256)


    def serve(connection):
        with connection:
            seen = b""
            while b"\r\n\r\n" not in seen:
                more = connection.recv(65536)
                if not more:
                    return
                seen += more
            case = cases[int(seen.split(b" ")[1][1:])]
            connection.sendall(base64.b64decode(case["answer"]))
            if case["stays"]:
                connection.recv(65536)


    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
    """#

  static let lengths = "HTTP/1.1 200 OK\r\nContent-Length: "
  static let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
  static let malformed = "the answer is malformed: "
  static let lost = "the connection was lost: network("

  static let cases: [Case] = [
    // What is fine.
    Case(name: "length", answer: lengths + "2\r\n\r\nab", outcome: "200 ab"),
    Case(name: "chunks", answer: chunked + "1\r\na\r\n1;x=y\r\nb\r\n0\r\n\r\n", outcome: "200 ab"),
    Case(name: "until the end", answer: "HTTP/1.1 200 OK\r\n\r\nab", outcome: "200 ab", stays: false),
    Case(name: "1.0 until the end", answer: "HTTP/1.0 200 OK\r\n\r\nab", outcome: "200 ab", stays: false),
    Case(name: "no reason", answer: "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", outcome: "200 "),
    Case(
      name: "informational", answer: "HTTP/1.1 103 E\r\nLink: x\r\n\r\n" + lengths + "0\r\n\r\n",
      outcome: "200 "),
    Case(name: "204 with a length", answer: "HTTP/1.1 204 N\r\nContent-Length: 5\r\n\r\n", outcome: "204 "),
    Case(name: "304 with a length", answer: "HTTP/1.1 304 N\r\nContent-Length: 5\r\n\r\n", outcome: "304 "),
    Case(name: "HEAD with a length", answer: lengths + "5\r\n\r\n", outcome: "200 ", method: .head),
    Case(
      name: "HEAD with chunks", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      outcome: "200 ",
      method: .head),
    Case(name: "more than was asked for", answer: lengths + "2\r\n\r\nabcd", outcome: "200 ab"),
    // What is not.
    Case(name: "nothing", answer: "", outcome: lost, stays: false),
    Case(name: "half a head", answer: "HTTP/1.1 200 OK\r\nX: y\r\n", outcome: lost, stays: false),
    Case(name: "half a body", answer: lengths + "9\r\n\r\nab", outcome: lost, stays: false),
    Case(name: "half a chunk", answer: chunked + "9\r\nab", outcome: lost, stays: false),
    Case(name: "no last chunk", answer: chunked + "2\r\nab\r\n", outcome: lost, stays: false),
    Case(name: "two lengths", answer: lengths + "2\r\nContent-Length: 3\r\n\r\nabc", outcome: malformed),
    Case(
      name: "the same length twice", answer: lengths + "2\r\nContent-Length: 2\r\n\r\nab", outcome: malformed),
    Case(name: "a list of lengths", answer: lengths + "2, 2\r\n\r\nab", outcome: malformed),
    Case(name: "a signed length", answer: lengths + "+2\r\n\r\nab", outcome: malformed),
    Case(name: "a negative length", answer: lengths + "-2\r\n\r\nab", outcome: malformed),
    Case(name: "a hexadecimal length", answer: lengths + "0x2\r\n\r\nab", outcome: malformed),
    Case(
      name: "a length beyond all measure", answer: lengths + "99999999999999999999\r\n\r\n",
      outcome: malformed),
    Case(
      name: "length and chunks",
      answer:
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
      outcome: malformed),
    Case(
      name: "chunked twice",
      answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", outcome: malformed),
    Case(
      name: "another coding", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", outcome: malformed
    ),
    Case(
      name: "chunks over 1.0", answer: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      outcome: malformed),
    Case(name: "no size", answer: chunked + "\r\nab\r\n", outcome: malformed),
    Case(name: "a signed size", answer: chunked + "-1\r\n", outcome: malformed),
    Case(name: "a huge size", answer: chunked + "ffffffffffffffffff\r\n", outcome: malformed),
    Case(name: "a chunk longer than it says", answer: chunked + "1\r\nab\r\n0\r\n\r\n", outcome: malformed),
    Case(name: "a chunk with a bare line feed", answer: chunked + "1\na\n0\n\n", outcome: malformed),
    Case(
      name: "a trailer that frames", answer: chunked + "0\r\nContent-Length: 4\r\n\r\n", outcome: malformed),
    Case(name: "a bare line feed", answer: "HTTP/1.1 200 OK\nContent-Length: 0\n\n", outcome: malformed),
    Case(
      name: "a folded field", answer: "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
      outcome: malformed),
    Case(name: "a blank before the colon", answer: "HTTP/1.1 200 OK\r\nX : a\r\n\r\n", outcome: malformed),
    Case(name: "a field without a name", answer: "HTTP/1.1 200 OK\r\n: a\r\n\r\n", outcome: malformed),
    Case(name: "a NUL", answer: "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", outcome: malformed),
    Case(name: "another version", answer: "HTTP/2.0 200 OK\r\n\r\n", outcome: malformed),
    Case(name: "another protocol", answer: "SSH-2.0-OpenSSH_9\r\n", outcome: malformed),
    Case(name: "a status of two digits", answer: "HTTP/1.1 20 OK\r\n\r\n", outcome: malformed),
    Case(name: "a status below 100", answer: "HTTP/1.1 099 OK\r\n\r\n", outcome: malformed),
    Case(
      name: "an upgrade that nobody asked for",
      answer: "HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", outcome: malformed),
    // What there is too much of.
    Case(
      name: "1xx for ever", answer: String(repeating: "HTTP/1.1 100 C\r\n\r\n", count: 40),
      outcome: "over the limit of 32: informationalAnswers"),
    Case(
      name: "a long line", answer: "HTTP/1.1 200 " + String(repeating: "x", count: 9000) + "\r\n\r\n",
      outcome: "over the limit of 8192: answerFields"),
    Case(
      name: "long fields",
      answer: "HTTP/1.1 200 OK\r\n"
        + String(repeating: "X: \(String(repeating: "y", count: 1000))\r\n", count: 40)
        + "\r\n", outcome: "over the limit of 32768: answerFields"),
    Case(
      name: "many fields", answer: "HTTP/1.1 200 OK\r\n" + String(repeating: "X: y\r\n", count: 101) + "\r\n",
      outcome: "over the limit of 100: answerFields"),
    Case(
      name: "a long body", answer: lengths + "1001\r\n\r\n", outcome: "over the limit of 1000: answerBody"),
    Case(name: "a long chunk", answer: chunked + "3e9\r\n", outcome: "over the limit of 1000: answerBody"),
    Case(
      name: "a long body until the end",
      answer: "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1001),
      outcome: "over the limit of 1000: answerBody", stays: false),
  ]

  @Test func areSeenThrough() async throws {
    let table = Self.cases.map {
      ["answer": Data($0.answer.utf8).base64EncodedString(), "stays": $0.stays] as [String: Any]
    }
    let shared = try await SharedServer.start(
      "python3", ["@folder/server.py", "@port", "@folder/cases.json"],
      files: [
        "server.py": Data(Self.script.utf8), "cases.json": try JSONSerialization.data(withJSONObject: table),
      ])
    let port = shared.server.port
    try await withGroup { group in
      var configuration = HTTPClient.Configuration(name: "test")
      configuration.limits.bodyBytesMaximum = 1000
      // The server closes a connection that is used again.
      configuration.retries.attemptsMaximum = 2
      let client = HTTPClient(configuration, on: group)
      for (number, item) in Self.cases.enumerated() {
        var outcome: String
        do {
          let request = try HTTPClientRequest(item.method, "http://127.0.0.1:\(port)/\(number)")
          let response = try await client.execute(request)
          let body = try #require(String(validating: try await response.collect(limit: 2000)))
          outcome = "\(response.status.code) \(body)"
        } catch let error as HTTPClientError {
          outcome = error.description
        }
        #expect(outcome.hasPrefix(item.outcome), "\(item.name): \(outcome)")
      }
      await client.shutDown(within: .zero)
    }
    withExtendedLifetime(shared) {}
  }
}
