// What `varve serve` prints once everything is ready: one screen of what listens where.

import CommandLine
import Files
import Runtime

/// The text that greets whoever started a node.
struct Banner {
  let data: FilePath
  let isNew: Bool
  let admin: [SocketAddress]
  let isEncrypted: Bool
  let loops: Int

  /// The whole banner, its first line styled as the console allows.
  func text(for console: Console) -> String {
    let urls = admin.map { address in
      switch address {
      case .ip: "\(isEncrypted ? "https" : "http")://\(address)/"
      case .unix, .unnamed: "\(address)"
      }
    }
    return """
      \(console.styled("Varve \(VarveVersion.text)", .bold))
        data    \(data)\(isNew ? " (new)" : "")
        admin   \(urls.joined(separator: " "))  healthz, readyz, metrics, version
        loops   \(loops)
      Stop with Ctrl-C or SIGTERM.

      """
  }
}
