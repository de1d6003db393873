// The architecture as a test: reads the manifest and every import in the sources, and fails on an edge that
// points the wrong way. SwiftPM alone does not see an import of a module that some other target happened to
// build, so the sources are read as well as the manifest.

import Foundation
import Testing

@Suite("Import rules") struct ImportRuleTests {
  @Test func theManifestDeclaresOnlyAllowedEdges() throws {
    let house = try House.read()
    #expect(house.targets.count > 10, "the manifest could not be read whole")
    for target in house.targets where target.pillar != .tests {
      for name in target.dependencies {
        let dependency = try #require(house.target(named: name), "\(target.name) depends on unknown \(name)")
        if let reason = Rules.objection(to: target, importing: dependency) {
          Issue.record("\(target.name) depends on \(name): \(reason)")
        }
      }
    }
  }

  @Test func theSourcesImportOnlyWhatTheManifestDeclares() throws {
    let house = try House.read()
    var filesRead = 0
    for target in house.targets where target.pillar != .system {
      for file in try target.swiftFiles(in: house.root) {
        filesRead += 1
        for name in try imports(of: file) {
          if Rules.languageModules.contains(name) { continue }
          if target.pillar == .tests && Rules.testModules.contains(name) { continue }
          let declared = target.modules.contains(name)
          #expect(
            declared, "\(file.lastPathComponent) in \(target.name) imports \(name), which it does not declare"
          )
        }
      }
    }
    #expect(filesRead > 20, "the sources could not be read")
  }

  @Test(
    "A forbidden edge is refused",
    arguments: [
      ("Wire", "Platform/Wire", "Log", "Log"),
      ("Log", "Log", "HTTPServer", "Platform/Net/Server"),
      ("Log", "Log", "Engine", "Projections/Engine"),
      ("NeedleVolume", "DataPlane/NeedleVolume", "Log", "Log"),
      ("Sync", "Projections/Sync", "HTTPServer", "Platform/Net/Server"),
      ("Sync", "Projections/Sync", "SyncGateway", "Gateways/Sync"),
      ("SyncGateway", "Gateways/Sync", "FilesGateway", "Gateways/Files"),
      ("Wire", "Platform/Wire", "Runtime", "Platform/Runtime"),
      ("Runtime", "Platform/Runtime", "HTTPServer", "Platform/Net/Server"),
      ("AdminGateway", "Gateways/Admin", "varve", "varve"),
    ])
  func forbidden(from: String, fromPath: String, to: String, toPath: String) {
    let source = HouseTarget(name: from, path: "Sources/\(fromPath)", dependencies: [])
    let destination = HouseTarget(name: to, path: "Sources/\(toPath)", dependencies: [])
    #expect(Rules.objection(to: source, importing: destination) != nil)
  }

  @Test(
    "An allowed edge is not",
    arguments: [
      ("varve", "varve", "AdminGateway", "Gateways/Admin"),
      ("SyncGateway", "Gateways/Sync", "Sync", "Projections/Sync"),
      ("SyncGateway", "Gateways/Sync", "HTTPServer", "Platform/Net/Server"),
      ("Sync", "Projections/Sync", "Log", "Log"),
      ("Log", "Log", "Files", "Platform/Files"),
      ("VolumeGateway", "Gateways/Volume", "NeedleVolume", "DataPlane/NeedleVolume"),
      ("HTTPServer", "Platform/Net/Server", "Runtime", "Platform/Runtime"),
    ])
  func allowed(from: String, fromPath: String, to: String, toPath: String) {
    let source = HouseTarget(name: from, path: "Sources/\(fromPath)", dependencies: [])
    let destination = HouseTarget(name: to, path: "Sources/\(toPath)", dependencies: [])
    #expect(Rules.objection(to: source, importing: destination) == nil)
  }

  /// The modules a Swift file imports, whatever stands before the word. Imports come first in a file; what
  /// comes after the first declaration may look like one (a Python program in a string) and is not.
  private func imports(of file: URL) throws -> [String] {
    var names: [String] = []
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      let text = line.drop { $0 == " " }
      if text.hasPrefix("//") || text.hasPrefix("#") { continue }
      guard let match = text.wholeMatch(of: Self.importLine) else { break }
      names.append(String(match.1))
    }
    return names
  }

  private static var importLine: Regex<(Substring, Substring)> {
    /(?:@?\w+(?:\([^)]*\))?\s+)*import\s+(?:(?:struct|class|enum|func|protocol|var|let|typealias)\s+)?(\w+).*/
  }
}
