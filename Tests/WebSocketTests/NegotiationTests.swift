// permessage-deflate's four parameters, both ways (RFC 7692 section 7.1).

import Testing

@testable import WebSocket

@Suite("Compression negotiation") struct NegotiationTests {
  static func accept(
    _ header: String, _ change: (inout DeflateOptions) -> Void = { _ in }
  ) -> String? {
    var options = DeflateOptions()
    options.ownWindowBits = 15
    change(&options)
    guard let offers = ExtensionOffer.parse([header]) else { return "malformed" }
    return DeflateAgreement.accept(offers, options)?.answer
  }

  /// A client's offer, and what the server with the usual options answers; nil declines.
  static let offers: [(offer: String, answer: String?)] = [
    ("permessage-deflate", "permessage-deflate"),
    ("PerMessage-Deflate", "permessage-deflate"),
    ("permessage-deflate; client_max_window_bits", "permessage-deflate"),
    (
      "permessage-deflate; client_max_window_bits=10", "permessage-deflate; client_max_window_bits=10"
    ),
    (
      "permessage-deflate; client_max_window_bits=\"10\"", "permessage-deflate; client_max_window_bits=10"
    ),
    (
      "permessage-deflate; server_max_window_bits=9", "permessage-deflate; server_max_window_bits=9"
    ),
    (
      "permessage-deflate; server_max_window_bits=15", "permessage-deflate; server_max_window_bits=15"
    ),
    (
      "permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits=8"
    ),
    (
      "permessage-deflate; server_no_context_takeover",
      "permessage-deflate; server_no_context_takeover"
    ),
    (
      "permessage-deflate; client_no_context_takeover",
      "permessage-deflate; client_no_context_takeover"
    ),
    ("permessage-deflate; server_max_window_bits", nil),
    ("permessage-deflate; server_max_window_bits=7", nil),
    ("permessage-deflate; server_max_window_bits=16", nil),
    ("permessage-deflate; server_max_window_bits=010", nil),
    ("permessage-deflate; client_max_window_bits=ten", nil),
    ("permessage-deflate; server_no_context_takeover=1", nil),
    ("permessage-deflate; client_no_context_takeover; client_no_context_takeover", nil),
    ("permessage-deflate; something_else", nil),
    ("x-webkit-deflate-frame", nil),
    (
      "permessage-deflate; something_else, permessage-deflate; server_max_window_bits=12",
      "permessage-deflate; server_max_window_bits=12"
    ),
    (", ,permessage-deflate ,", "permessage-deflate"),
    ("permessage-deflate; ", "malformed"),
    ("permessage-deflate client_max_window_bits", "malformed"),
    ("permessage-deflate; client_max_window_bits=", "malformed"),
    ("permessage-deflate; client_max_window_bits=\"10", "malformed"),
    ("permessage-deflate; client_max_window_bits=\"\"", "malformed"),
    ("permessage@deflate", "malformed"),
    (String(repeating: "x, ", count: 17), "malformed"),
    ("x" + String(repeating: "; y", count: 17), "malformed"),
  ]

  @Test(arguments: offers.indices) func answersAnOffer(_ index: Int) {
    let (offer, answer) = Self.offers[index]
    #expect(Self.accept(offer) == answer, "\(offer)")
  }

  @Test func answersBySmallerWindowsWhenTheClientCan() {
    #expect(
      Self.accept("permessage-deflate; client_max_window_bits") { $0.peerWindowBits = 11 }
        == "permessage-deflate; client_max_window_bits=11")
    // A client that does not know the parameter cannot be asked.
    #expect(Self.accept("permessage-deflate") { $0.peerWindowBits = 11 } == nil)
    #expect(
      Self.accept("permessage-deflate") { $0.ownWindowBits = 12 }
        == "permessage-deflate; server_max_window_bits=12")
    #expect(
      Self.accept("permessage-deflate") {
        $0.keepsOwnContext = false
        $0.keepsPeerContext = false
      } == "permessage-deflate; server_no_context_takeover; client_no_context_takeover")
  }

  /// A server's answer to what we offer by these options, and whether it is one to our offer.
  static let answers: [(answer: String, change: @Sendable (inout DeflateOptions) -> Void, isFine: Bool)] = [
    ("permessage-deflate", { _ in }, true),
    ("permessage-deflate; server_no_context_takeover; client_no_context_takeover", { _ in }, true),
    ("permessage-deflate; client_max_window_bits=9", { _ in }, true),
    ("permessage-deflate; client_max_window_bits=8", { _ in }, true),
    ("permessage-deflate; server_max_window_bits=8", { _ in }, true),
    ("permessage-deflate; client_max_window_bits", { _ in }, false),
    ("permessage-deflate; client_max_window_bits=16", { _ in }, false),
    ("permessage-deflate; client_max_window_bits=13", { $0.ownWindowBits = 12 }, false),
    ("permessage-deflate; unknown", { _ in }, false),
    ("permessage-brotli", { _ in }, false),
    ("permessage-deflate", { $0.keepsPeerContext = false }, false),
    ("permessage-deflate; server_no_context_takeover", { $0.keepsPeerContext = false }, true),
    ("permessage-deflate", { $0.peerWindowBits = 10 }, false),
    ("permessage-deflate; server_max_window_bits=11", { $0.peerWindowBits = 10 }, false),
    ("permessage-deflate; server_max_window_bits=10", { $0.peerWindowBits = 10 }, true),
  ]

  @Test(arguments: answers.indices) func judgesAnswers(_ index: Int) throws {
    let (answer, change, isFine) = Self.answers[index]
    var options = DeflateOptions()
    options.ownWindowBits = 15
    change(&options)
    let parsed = try #require(ExtensionOffer.parse([answer])?.first)
    #expect((DeflateAgreement.conclude(parsed, options) != nil) == isFine, "\(answer)")
  }

  @Test func whatIsOfferedIsWhatIsAgreed() throws {
    for own in 9...15 {
      for peer in 8...15 {
        for contexts in 0..<4 {
          var options = DeflateOptions()
          (options.ownWindowBits, options.peerWindowBits) = (own, peer)
          options.keepsOwnContext = contexts & 1 != 0
          options.keepsPeerContext = contexts & 2 != 0
          let offers = try #require(ExtensionOffer.parse([DeflateAgreement.offer(options)]))
          let (server, answer) = try #require(DeflateAgreement.accept(offers, DeflateOptions()))
          let parsed = try #require(ExtensionOffer.parse([answer])?.first)
          let client = try #require(DeflateAgreement.conclude(parsed, options))
          #expect(client.server == server.server)
          // The client may do with less than it was allowed.
          #expect(client.client.windowBits <= server.client.windowBits)
          #expect(client.client.keepsContext == server.client.keepsContext)
        }
      }
    }
  }
}
