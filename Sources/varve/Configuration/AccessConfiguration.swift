// Who may do what with the node's log over the network.

import CommandLine
import Configuration
import LogGateway

/// The tokens that callers show, and what each may do.
struct AccessConfiguration: ConfigurationSection {
  /// How many tokens there may be.
  static let tokensMaximum = 1000

  /// What somebody was given.
  struct Grant: ConfigurationSection {
    var token: Secret?
    var right = LogAccess.Right.read

    static func declare(_ section: inout SectionDeclaration<Self>) {
      section.key(
        "token", \.token, .secret(bytes: 16...4096),
        "What the caller shows, as `authorization: Bearer …`. A file keeps it out of the configuration: token_file."
      )
      section.key(
        "right", \.right, .choice,
        "What it may do: read; append, which is to read, to append and to commit positions; manage, which is all, topics included."
      )
    }
  }

  var anonymous = LogAccess.Right.none
  var tokens: [GrantName: Grant] = [:]

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key(
      "anonymous", \.anonymous, .choice,
      "What callers may do that show no token: for networks where everybody may.")
    section.sections(
      "tokens", \.tokens, by: .grantName, placeholder: "<name>", count: 0...tokensMaximum,
      "Who has a token, by a name for messages.")
  }

  /// As the gateway takes it.
  func access() throws(CommandFailure) -> LogAccess {
    var access = LogAccess()
    access.anonymous = anonymous
    for (name, grant) in tokens {
      guard let token = grant.token else {
        throw CommandFailure(
          .configuration, "access.tokens.\(name.text).token is not set",
          hint: "`openssl rand -hex 32` makes a good one")
      }
      access.grant(grant.right, to: name.text, token: token.reveal())
    }
    return access
  }
}

/// What a token's owner is called.
struct GrantName: Hashable, Sendable {
  let text: String
}

extension ValueNotation where Value == GrantName {
  /// A short name.
  static var grantName: ValueNotation {
    ValueNotation(
      name: "name", accepted: "letters, digits, - and _", placeholder: "NAME",
      read: { text throws(NotationError) in
        let isName = text.utf8.allSatisfy { byte in
          switch byte {
          case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "_"): true
          default: false
          }
        }
        guard isName && (1...64).contains(text.utf8.count) else { throw .malformed("is no name") }
        return GrantName(text: text)
      },
      write: \.text)
  }
}
