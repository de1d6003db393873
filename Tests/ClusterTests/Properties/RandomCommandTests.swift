// Any commands in any order, with restarts between: the domain answers as the model does, the tables show what the
// model holds, and the log makes the same tables again.

import Cluster
import Database
import Files
import Foundation
import Peers
import Projections
import Testing

@Suite("Random commands") struct RandomCommandTests {
  /// The same numbers for the same seed.
  struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
      return mixed ^ mixed >> 31
    }
  }

  private static let paths = ["/", "/a", "/a/b", "/a/b/c", "/ab", "/x/y"]

  /// Of few things, so that commands meet each other.
  private func command(_ numbers: inout Numbers) throws -> ClusterCommand {
    func pick(_ count: UInt64) -> UInt64 { UInt64.random(in: 1...count, using: &numbers) }
    let (node, disk) = (NodeID.test(pick(7)), DiskID.test(pick(12)))
    let newDisk = NewDisk(
      id: disk, name: "d\(pick(3))", path: "/d\(pick(3))", totalBytes: 100, freeBytes: Int(pick(100)))
    switch pick(14) {
    case 1, 2, 3:
      return .join(
        JoinNode(
          id: node, name: "n\(pick(8))", addresses: ["/a\(pick(2))"], disks: pick(2) == 1 ? [newDisk] : []))
    case 4:
      return .updateNode(
        node,
        NodeChange(
          name: pick(2) == 1 ? "n\(pick(8))" : nil, addresses: pick(2) == 1 ? ["/a\(pick(2))", "/b"] : nil,
          failureDomain: pick(2) == 1 ? "r\(pick(2))" : nil))
    case 5: return .reportLiveness(LivenessReport(node, is: Liveness.allCases[Int(pick(3)) - 1]))
    case 6: return .drain(node, reason: "r\(pick(2))")
    case 7: return .reactivate(node)
    case 8: return .remove(node, reason: "", isForced: pick(4) == 1)
    case 9, 10: return .addDisk(node, newDisk)
    case 11:
      return .updateDisk(
        node, disk,
        DiskChange(
          totalBytes: pick(3) == 1 ? Int(pick(120)) : nil, freeBytes: pick(2) == 1 ? Int(pick(110)) : nil,
          state: pick(2) == 1 ? [.online, .suspect, .offline][Int(pick(3)) - 1] : nil))
    case 12: return .retireDisk(node, disk, reason: "")
    case 13:
      let coding = ErasureCoding(dataShards: Int(pick(3)), parityShards: Int(pick(2)), stripeBytes: 4096)
      return .setPolicy(try ScopePath(Self.paths[Int(pick(6)) - 1]), coding)
    default: return .removePolicy(try ScopePath(Self.paths[Int(pick(6)) - 1]))
    }
  }

  private func answer(_ command: ClusterCommand, of cluster: ClusterService) async throws
    -> ClusterModel.Answer
  {
    do throws(CommandError<ClusterRefusal>) {
      return try await cluster.submit(command).reply.unchanged ? .unchanged : .done
    } catch .refused(let refusal) {
      return .refused(refusal)
    }
  }

  @Test("live is as the model, and replayed is as live", arguments: [1, 2, 3, 4] as [UInt64])
  func agreement(seed: UInt64) async throws {
    let fixture = try ClusterFixture()
    var numbers = Numbers(state: seed)
    var model = ClusterModel()
    try await fixture.withCluster { cluster, _ in try await cluster.createLake() }
    for _ in 0..<4 {
      try await fixture.withCluster { cluster, _ in
        for _ in 0..<120 {
          let command = try command(&numbers)
          let expected = model.apply(command)
          #expect(try await answer(command, of: cluster) == expected, "seed \(seed): \(command)")
        }
        #expect(
          try await cluster.view { view throws(DatabaseError) in try await ClusterModel(view) } == model,
          "seed \(seed)")
        for text in Self.paths + ["/q", "/a/b/c/d", "/abc", "/x"] {
          let path = try ScopePath(text)
          let found = try await cluster.view { view throws(DatabaseError) in
            try await view.effectivePolicy(for: path)
          }
          #expect(found?.policy.path == model.effective(path), "seed \(seed): \(text)")
        }
      }
    }
    try await expectRebuilt(fixture)
  }

  /// Takes the tables away, has the node make them again, and compares every row.
  private func expectRebuilt(_ fixture: ClusterFixture) async throws {
    try FileManager.default.moveItem(
      atPath: fixture.folder.path("projections"), toPath: fixture.folder.path("before"))
    try await fixture.withCluster { cluster, _ in #expect(cluster.refusal == nil) }
    let comparison = try await fixture.compare(fixture.directory("before"), fixture.directory())
    #expect(comparison.holds, "\(comparison.tables.compactMap(\.difference))")
    let rows = Dictionary(uniqueKeysWithValues: comparison.tables.map { ($0.live.table, $0.live.rows) })
    #expect(rows["cluster"] == 1 && rows["varve_positions"] == 1)
    for table in ["nodes", "node_addresses", "disks", "policies"] {
      #expect(rows[table] ?? 0 > 0, "\(table)")
    }
  }
}
