// Who asks: credentials, networks and what trusted proxies say.

import HTTP
import Runtime
import Testing

@Suite("Identity") struct IdentityTests {
  @Test(
    "Credentials",
    arguments: [
      // The examples of RFC 7617 sections 2 and 2.1, and of RFC 6750 section 2.1.
      ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", .basic(user: "Aladdin", password: "open sesame")),
      ("Basic dGVzdDoxMjPCow==", .basic(user: "test", password: "123£")),
      ("basic  Og==", .basic(user: "", password: "")), ("BASIC YTpiOmM=", .basic(user: "a", password: "b:c")),
      ("Bearer mF_9.B5f-4.1JqM", .bearer(token: "mF_9.B5f-4.1JqM")), ("bearer YQ==", .bearer(token: "YQ==")),
      ("Digest username=\"x\"", .other(scheme: "digest", value: "username=\"x\"")),
      ("Negotiate", .other(scheme: "negotiate", value: "")),
      ("", nil), (" Basic Og==", nil), ("Basic", nil), ("Basic !!!", nil), ("Basic Og", nil),
      ("Basic YQ==", nil),
      ("Basic gDo=", nil), ("Basic YQA6Yg==", nil), ("Bearer", nil), ("Bearer a b", nil), ("Bearer =", nil),
      ("Bearer a,b", nil), ("Basic\tOg==", nil), ("Ba(sic x", nil),
    ] as [(String, HTTPCredentials?)])
  func credentials(field: String, expected: HTTPCredentials?) throws {
    #expect(HTTPCredentials(field) == expected)
    if let expected {
      #expect(!expected.description.contains("sesame") && !expected.description.contains("mF"))
    }
  }

  @Test func aRequestHasOneSetOfCredentials() throws {
    #expect(try HTTPCredentials.of([:]) == nil)
    #expect(try HTTPCredentials.of(["Authorization": "Bearer a"]) == .bearer(token: "a"))
    for fields in [["Authorization": "Bearer"], ["Authorization": "Bearer a", "authorization": "Bearer a"]]
      as [HTTPFields]
    {
      #expect { try HTTPCredentials.of(fields) } throws: {
        ($0 as? HTTPError)?.code == "malformed_credentials"
      }
    }
    #expect(HTTPError.unauthorized(challenge: "Bearer").fields["www-authenticate"] == "Bearer")
  }

  @Test(
    "Networks hold their addresses",
    arguments: [
      ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("0.0.0.0/0", "255.1.2.3", true),
      ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
      ("192.0.2.1/32", "192.0.2.1", true),
      ("192.0.2.128/25", "192.0.2.127", false), ("2001:db8::/32", "2001:db8:ffff::1", true),
      ("2001:db8::/32", "2001:db9::", false), ("::/0", "fe80::1", true), ("::1", "::1", true),
      ("2001:db8:0:1::/64", "2001:db8:0:1:ffff::", true), ("2001:db8:0:1::/64", "2001:db8:0:2::", false),
      ("2001:db8::8000:0:0:0/65", "2001:db8::8000:0:0:1", true),
      ("2001:db8::8000:0:0:0/65", "2001:db8::1", false),
      // Versions are told apart, but for version 4 in version 6.
      ("0.0.0.0/0", "::1", false), ("::/0", "1.2.3.4", false), ("10.0.0.0/8", "::ffff:10.1.1.1", true),
    ])
  func networks(network: String, address: String, isIn: Bool) throws {
    let prefix = try #require(NetworkPrefix(network))
    #expect(prefix.contains(try #require(IPAddress(address))) == isIn)
  }

  @Test(
    "What is no network is none",
    arguments: [
      "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.1/8", "10.0.0/8", "::/129",
      "2001:db8::1/32", "10.0.0.0/8/8", "localhost", "fe80::1%2", "::ffff:10.0.0.0/104",
    ])
  func noNetworks(text: String) { #expect(NetworkPrefix(text) == nil) }

  static func client(
    _ peer: String?, _ field: ProxyTrust.Field, _ fields: [(StaticString, String)]
  ) -> String {
    let networks = ["10.0.0.0/8", "2001:db8:10::/48"].compactMap { NetworkPrefix($0) }
    var all = HTTPFields()
    for (name, value) in fields { all.append(name, value) }
    let client = ProxyTrust(networks: networks, field: field).client(
      peer: peer.flatMap { IPAddress($0) }, all)
    return "\(client.address.map(\.description) ?? "-") \(client.scheme?.rawValue ?? "-")"
  }

  @Test(
    "X-Forwarded-For is believed as far as trusted proxies wrote it",
    arguments: [
      ("192.0.2.9", "1.1.1.1", "https", "192.0.2.9 -"), ("10.0.0.1", "1.1.1.1", "https", "1.1.1.1 https"),
      ("10.0.0.1", "9.9.9.9, 1.1.1.1", "https", "1.1.1.1 https"),
      ("10.0.0.1", "9.9.9.9, 1.1.1.1, 10.0.0.2", "https", "1.1.1.1 https"),
      ("10.0.0.1", "1.1.1.1, 10.0.0.2", "https, http", "1.1.1.1 https"),
      ("10.0.0.1", "10.0.0.3, 10.0.0.2", "http", "10.0.0.3 http"),
      ("10.0.0.1", "1.1.1.1:4711", "", "1.1.1.1 -"),
      ("10.0.0.1", "[2001:db8::1]:80", "ftp", "2001:db8::1 -"),
      ("10.0.0.1", "2001:db8::1", "HTTPS", "2001:db8::1 https"),
      ("10.0.0.1", "unknown", "https", "10.0.0.1 https"),
      ("10.0.0.1", "9.9.9.9, junk, 10.0.0.2", "https", "10.0.0.2 https"),
      ("10.0.0.1", "", "", "10.0.0.1 -"), ("::ffff:10.0.0.1", "1.1.1.1", "http", "1.1.1.1 http"),
      ("2001:db8:10::1", "1.1.1.1", "http", "1.1.1.1 http"),
      ("10.0.0.1", "[1.1.1.1]", "http", "10.0.0.1 http"),
      ("10.0.0.1", "1.1.1.1,", "http", "10.0.0.1 http"),
    ])
  func xForwarded(peer: String, addresses: String, schemes: String, expected: String) {
    let fields: [(StaticString, String)] = [("X-Forwarded-For", addresses), ("X-Forwarded-Proto", schemes)]
    #expect(Self.client(peer, .xForwarded, fields) == expected)
    // Whoever is told to believe the one field does not look at the other.
    #expect(Self.client(peer, .forwarded, fields) == (IPAddress(peer)?.canonical.description ?? "") + " -")
  }

  @Test(
    "Forwarded, with the examples of RFC 7239",
    arguments: [
      ("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60 http"),
      ("For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17 -"),
      ("for=192.0.2.43, for=198.51.100.17", "198.51.100.17 -"),
      ("for=192.0.2.43, for=\"10.0.0.2:80\";proto=http", "192.0.2.43 -"),
      ("for=192.0.2.43;proto=https, for=10.0.0.2;proto=http", "192.0.2.43 https"),
      ("for=\"_gazonk\"", "10.0.0.1 -"), ("for=unknown;proto=https", "10.0.0.1 https"), ("", "10.0.0.1 -"),
      ("for=192.0.2.43 x, for=10.0.0.2", "10.0.0.2 -"), ("for=\"192.0.2.43", "10.0.0.1 -"),
      ("nonsense", "10.0.0.1 -"),
      ("for=1.1.1.1;;proto=http", "10.0.0.1 -"), ("by=1.1.1.1", "10.0.0.1 -"),
      ("for=9.9.9.9, for=\"a,b\", for=10.0.0.2", "10.0.0.2 -"),
    ])
  func forwarded(field: String, expected: String) {
    #expect(Self.client("10.0.0.1", .forwarded, [("Forwarded", field)]) == expected)
    #expect(Self.client("9.9.9.9", .forwarded, [("Forwarded", field)]) == "9.9.9.9 -")
    #expect(Self.client(nil, .forwarded, [("Forwarded", field)]) == "- -")
  }

  @Test func notEveryHopIsFollowed() {
    let hops = "1.1.1.1, " + Array(repeating: "10.0.0.2", count: 40).joined(separator: ", ")
    #expect(Self.client("10.0.0.1", .xForwarded, [("X-Forwarded-For", hops)]) == "10.0.0.2 -")
  }
}
