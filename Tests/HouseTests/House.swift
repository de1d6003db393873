// The package as the import rules see it: targets, the pillar each stands in, and who may know whom.

import Foundation
import Peers

/// The parts of the house, from the ground up.
enum Pillar {
  case system, platform, log, dataPlane, projections, gateways, commands, tests
}

/// One target of the manifest.
struct HouseTarget {
  let name: String
  let path: String
  let dependencies: [String]

  /// The modules it may import: a target named with dashes is a module named with underscores.
  var modules: Set<String> { Set(dependencies.map { $0.replacingOccurrences(of: "-", with: "_") }) }

  var pillar: Pillar {
    if path.hasPrefix("Sources/Platform/System/") { return .system }
    if path.hasPrefix("Sources/Platform/") { return .platform }
    if path == "Sources/Log" || path.hasPrefix("Sources/Log/") { return .log }
    if path.hasPrefix("Sources/DataPlane/") { return .dataPlane }
    if path.hasPrefix("Sources/Projections/") { return .projections }
    if path.hasPrefix("Sources/Gateways/") { return .gateways }
    return path.hasPrefix("Tests/") ? .tests : .commands
  }

  func swiftFiles(in root: URL) throws -> [URL] {
    let folder = root.appendingPathComponent(path)
    guard let walk = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else {
      throw CocoaError(.fileReadNoSuchFile, userInfo: [NSFilePathErrorKey: folder.path])
    }
    return walk.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
  }
}

/// The whole manifest.
struct House {
  let root: URL
  let targets: [HouseTarget]

  func target(named name: String) -> HouseTarget? { targets.first { $0.name == name } }

  /// Asks SwiftPM for the manifest it understood.
  static func read() throws -> House {
    // A scratch folder of its own: the one under test is locked by the running `swift test`.
    let scratch = try TemporaryFolder()
    let json = try ForeignProgram.run(
      "swift",
      ["package", "--package-path", Repository.root.path, "--scratch-path", scratch.path, "dump-package"])
    let manifest = try JSONDecoder().decode(Manifest.self, from: json)
    return House(
      root: Repository.root,
      targets: manifest.targets.map { target in
        HouseTarget(
          name: target.name, path: target.path ?? "Sources/\(target.name)",
          dependencies: target.dependencies.compactMap(\.name))
      })
  }

  private struct Manifest: Decodable {
    let targets: [Entry]
    struct Entry: Decodable {
      let name: String
      let path: String?
      let dependencies: [Edge]
    }
    struct Edge: Decodable {
      // SwiftPM writes {"byName": ["Bytes", null]} or {"target": ["Bytes", null]}.
      let byName: [String?]?
      let target: [String?]?
      var name: String? { (byName ?? target)?.first ?? nil }
    }
  }
}

/// Who may know whom; docs/architecture.md says why.
enum Rules {
  /// What comes with the language and the C library; Foundation is not among them.
  static let languageModules: Set<String> = [
    "Swift", "Glibc", "Synchronization", "_Concurrency", "PackageDescription",
  ]
  /// What tests may have besides.
  static let testModules: Set<String> = ["Testing", "Foundation", "XCTest"]

  /// Inside Platform, the lower a number the fewer it may know: an edge must go strictly down.
  static let platformLevel: [String: Int] = [
    "Bytes": 0, "Notation": 0, "Wire": 1, "Configuration": 1, "Crypto": 2, "Runtime": 2,
    "CommandLine": 3, "Files": 3,
    "Telemetry": 3, "HTTP": 3, "TLS": 3, "Lifecycle": 4, "HTTP1": 4, "WebSocket": 4, "HTTP2": 4,
    "HTTPServer": 6,
    "HTTPClient": 6, "GRPC": 5, "GRPCServer": 7, "GRPCClient": 7, "GRPCServices": 7, "Peer": 7,
    "WebSocketServer": 7,
  ]

  /// Domain-free parts that hold no sockets must not learn of them.
  static let netServers: Set<String> = [
    "HTTPServer", "Peer", "TLS", "WebSocket", "HTTP2", "HTTPClient",
    "GRPCServer", "GRPCClient", "WebSocketServer",
  ]

  /// Why the edge is forbidden; nil when it is allowed.
  static func objection(to source: HouseTarget, importing destination: HouseTarget) -> String? {
    if destination.pillar == .commands { return "nothing imports a command" }
    if destination.pillar == .tests { return "nothing imports tests" }
    if source.path == destination.path || destination.pillar == .system { return nil }
    switch source.pillar {
    case .system: return "a C library imports nothing of ours"
    case .commands, .tests: return nil
    case .platform:
      guard destination.pillar == .platform else { return "Platform imports nothing of ours above it" }
      guard let from = platformLevel[source.name], let to = platformLevel[destination.name] else {
        return "give both a level in Rules.platformLevel"
      }
      return from > to ? nil : "within Platform, imports go strictly down (\(from) to \(to))"
    case .log:
      return onlyBelow(destination, [.platform, .log])
    case .dataPlane:
      return onlyBelow(destination, [.platform, .dataPlane])
    case .projections:
      return onlyBelow(destination, [.platform, .log, .projections])
    case .gateways:
      if destination.pillar == .gateways { return "gateways do not import each other" }
      return onlyBelowGateways(destination)
    }
  }

  private static func onlyBelow(_ destination: HouseTarget, _ allowed: [Pillar]) -> String? {
    if netServers.contains(destination.name) && destination.pillar == .platform {
      return "the log, the data plane and projections know nothing of network servers"
    }
    return allowed.contains(destination.pillar) ? nil : "it would point upwards or sideways"
  }

  private static func onlyBelowGateways(_ destination: HouseTarget) -> String? {
    switch destination.pillar {
    case .platform, .log, .dataPlane, .projections: nil
    default: "gateways import only what is below them"
    }
  }
}
