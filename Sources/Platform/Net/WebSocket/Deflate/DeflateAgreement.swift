// What both ends agreed about compression, and how they come to agree (RFC 7692 section 7.1): pure functions
// from offers to an answer, and from an answer to the agreement.

/// Compression as both ends agreed to do it.
public struct DeflateAgreement: Hashable, Sendable {
  /// One direction's compression.
  public struct Direction: Hashable, Sendable {
    /// The window, as a power of two.
    public var windowBits = 15
    /// Whether messages may refer to earlier ones.
    public var keepsContext = true

    /// The widest window, and the context kept.
    public init() {}
  }

  /// How the server compresses.
  public var server = Direction()
  /// How the client compresses.
  public var client = Direction()
  /// Our side of it: how much work to put into compressing.
  public var options = DeflateOptions()

  /// What an answer without parameters means.
  public init() {}

  func inflating(from sender: WebSocketRole) -> Direction { sender == .server ? server : client }
  func deflating(by role: WebSocketRole) -> Direction { role == .server ? server : client }

  static let name = "permessage-deflate"

  // MARK: The server's side

  /// Takes the first of a client's offers that can be taken; nil when there is none.
  ///
  /// - Parameters:
  ///   - offers: what the client's Sec-WebSocket-Extensions says.
  ///   - options: what we are willing to do.
  /// - Returns: the agreement, and the answer that says it.
  static func accept(
    _ offers: [ExtensionOffer], _ options: DeflateOptions
  ) -> (agreement: DeflateAgreement, answer: String)? {
    options.check()
    for offer in offers where offer.name == name {
      guard let wanted = Parameters(offer, isAnswer: false) else { continue }
      // A client that does not know client_max_window_bits cannot be asked for a smaller window.
      if options.peerWindowBits < 15 && wanted.clientBits == nil { continue }
      var agreement = DeflateAgreement()
      agreement.options = options
      var answer = name
      agreement.server.keepsContext = options.keepsOwnContext && !wanted.serverNoContext
      if !agreement.server.keepsContext { answer += "; server_no_context_takeover" }
      agreement.client.keepsContext = options.keepsPeerContext && !wanted.clientNoContext
      if !agreement.client.keepsContext { answer += "; client_no_context_takeover" }
      agreement.server.windowBits = min(options.ownWindowBits, wanted.serverBits ?? 15)
      if agreement.server.windowBits < 15 || wanted.serverBits != nil {
        answer += "; server_max_window_bits=\(agreement.server.windowBits)"
      }
      if let most = wanted.clientBits {
        agreement.client.windowBits = min(options.peerWindowBits, most)
        if agreement.client.windowBits < 15 {
          answer += "; client_max_window_bits=\(agreement.client.windowBits)"
        }
      }
      return (agreement, answer)
    }
    return nil
  }

  // MARK: The client's side

  /// The offer that says what we are willing to do.
  static func offer(_ options: DeflateOptions) -> String {
    options.check()
    var offer = name
    if !options.keepsPeerContext { offer += "; server_no_context_takeover" }
    if !options.keepsOwnContext { offer += "; client_no_context_takeover" }
    if options.peerWindowBits < 15 { offer += "; server_max_window_bits=\(options.peerWindowBits)" }
    // Offered always: it lets the server ask for a smaller window.
    offer += "; client_max_window_bits"
    if options.ownWindowBits < 15 { offer += "=\(options.ownWindowBits)" }
    return offer
  }

  /// The agreement that a server's answer to our offer makes; nil when the answer is not one to that offer.
  static func conclude(_ answer: ExtensionOffer, _ options: DeflateOptions) -> DeflateAgreement? {
    guard answer.name == name, let said = Parameters(answer, isAnswer: true) else { return nil }
    // Asked for and not granted: the server would compress in a way that we refused.
    if !options.keepsPeerContext && !said.serverNoContext { return nil }
    if options.peerWindowBits < 15 && (said.serverBits ?? 15) > options.peerWindowBits { return nil }
    if let bits = said.clientBits, bits > options.ownWindowBits { return nil }
    var agreement = DeflateAgreement()
    agreement.options = options
    agreement.server.keepsContext = !said.serverNoContext
    agreement.server.windowBits = said.serverBits ?? 15
    agreement.client.keepsContext = options.keepsOwnContext && !said.clientNoContext
    agreement.client.windowBits = min(options.ownWindowBits, said.clientBits ?? 15)
    return agreement
  }

  // MARK: Parameters

  /// The four parameters there are, each at most once and with values that it may have.
  private struct Parameters {
    var serverNoContext = false
    var clientNoContext = false
    var serverBits: Int?
    var clientBits: Int?

    init?(_ offer: ExtensionOffer, isAnswer: Bool) {
      var seen: Set<String> = []
      for (name, value) in offer.parameters {
        guard seen.insert(name).inserted else { return nil }
        switch name {
        case "server_no_context_takeover":
          guard value == nil else { return nil }
          serverNoContext = true
        case "client_no_context_takeover":
          guard value == nil else { return nil }
          clientNoContext = true
        case "server_max_window_bits":
          guard let value, let bits = Self.bits(value) else { return nil }
          serverBits = bits
        case "client_max_window_bits":
          // In an offer it may stand alone: the client knows the parameter and leaves the choice to us.
          guard let value else {
            if isAnswer { return nil }
            clientBits = 15
            continue
          }
          guard let bits = Self.bits(value) else { return nil }
          clientBits = bits
        default:
          return nil
        }
      }
    }

    /// A decimal from 8 to 15 without leading zeros.
    private static func bits(_ text: String) -> Int? {
      switch text {
      case "8": 8
      case "9": 9
      case "10": 10
      case "11": 11
      case "12": 12
      case "13": 13
      case "14": 14
      case "15": 15
      default: nil
      }
    }
  }
}
