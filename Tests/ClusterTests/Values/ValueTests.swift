// Which values the cluster takes, whatever it is like.

import Cluster
import Testing

@Suite("Values of commands") struct ValueTests {
  @Test(
    "a path is absolute and written in the one way there is",
    arguments: [
      ("/", true), ("/a", true), ("/a/b c/ü", true), ("/...", true), ("/.hidden", true),
      ("/" + String(repeating: "x", count: 255), true), ("/" + String(repeating: "x", count: 256), false),
      (String(repeating: "/abcdefg", count: 512), true),
      (String(repeating: "/abcdefg", count: 512) + "/", false),
      (String(repeating: "/abcdefg", count: 513), false), ("", false), ("a", false), ("a/b", false),
      ("/a/", false), ("//", false), ("/a//b", false), ("/.", false), ("/..", false), ("/a/../b", false),
      ("/a/./b", false), ("/a\0b", false),
    ])
  func paths(text: String, isPath: Bool) {
    #expect(((try? ScopePath(text)) != nil) == isPath)
  }

  @Test("upwards, a path leads over its ancestors to the root, each once")
  func upwards() throws {
    #expect(try ScopePath("/a/bc/d").upwards.map(\.text) == ["/a/bc/d", "/a/bc", "/a", "/"])
    #expect(ScopePath.root.upwards.map(\.text) == ["/"])
  }

  @Test(
    "k, m and the size of a stripe have limits",
    arguments: [
      (1, 0, 4096, nil), (4, 2, 1 << 20, nil), (1, 254, 1 << 26, nil), (255, 0, 4096, nil),
      (0, 2, 4096, "data shards"), (-1, 2, 4096, "data shards"), (256, 0, 4096, "data shards"),
      (4, -1, 4096, "parity shards"), (4, 252, 4096, "parity shards"), (4, Int.max, 4096, "parity shards"),
      (4, 2, 0, "stripe size"), (4, 2, 2048, "stripe size"), (4, 2, 4097, "stripe size"),
      (4, 2, 1 << 27, "stripe size"), (4, 2, -4096, "stripe size"), (4, 2, 12_288, "stripe size"),
    ] as [(Int, Int, Int, String?)])
  func coding(k: Int, m: Int, stripe: Int, field: String?) {
    var found: String?
    do throws(InvalidValue) {
      try ErasureCoding(dataShards: k, parityShards: m, stripeBytes: stripe).check()
    } catch {
      found = error.field
    }
    #expect(found == field)
  }

  @Test("of raw bytes, the data's part is left for files, also when there are very many")
  func dataBytes() {
    #expect(ErasureCoding.standard.dataBytes(of: 600) == 400)
    #expect(ErasureCoding.standard.dataBytes(of: 5) == 3)
    #expect(ErasureCoding(dataShards: 255, parityShards: 0, stripeBytes: 4096).dataBytes(of: .max) == .max)
  }

  /// A command with one value that is not taken, and which.
  static let bad: [(ClusterCommand, String)] = {
    let id = NodeID.test(1)
    func join(_ change: (inout JoinNode) -> Void) -> ClusterCommand {
      var node = JoinNode.test(1)
      change(&node)
      return .join(node)
    }
    func disk(_ change: (inout NewDisk) -> Void) -> ClusterCommand {
      var disk = NewDisk(name: "d", path: "/d")
      change(&disk)
      return .addDisk(id, disk)
    }
    let long = String(repeating: "x", count: 2000)
    return [
      (.create(name: "", policy: .standard), "cluster name"),
      (.create(name: "two words", policy: .standard), "cluster name"),
      (
        .create(name: "ok", policy: ErasureCoding(dataShards: 0, parityShards: 0, stripeBytes: 4096)),
        "data shards"
      ),
      (join { $0.name = "-x" }, "node name"), (join { $0.name = long }, "node name"),
      (join { $0.name = "ü" }, "node name"), (join { $0.addresses = [] }, "number of addresses"),
      (join { $0.addresses = (0..<17).map { "/a\($0)" } }, "number of addresses"),
      (join { $0.addresses = ["10.0.0.1:80"] }, "address"), (join { $0.addresses = ["/"] }, "address"),
      (join { $0.addresses = ["/a\u{7}"] }, "address"), (join { $0.addresses = ["/a b"] }, "address"),
      (join { $0.addresses = ["/" + long] }, "address"), (join { $0.addresses = ["/a", "/a"] }, "address"),
      (join { $0.failureDomain = "rack 1" }, "failure domain"),
      (join { $0.failureDomain = long }, "failure domain"), (join { $0.softwareRelease = "1\n" }, "release"),
      (
        join { $0.disks = (0..<65).map { NewDisk(name: "d\($0)", path: "/d\($0)") } }, "number of disks"
      ),
      (
        join { $0.disks = [NewDisk(name: "d", path: "/a"), NewDisk(name: "d", path: "/b")] }, "disk name"
      ),
      (
        join { $0.disks = [NewDisk(name: "d", path: "/a"), NewDisk(name: "e", path: "/a")] }, "disk path"
      ),
      (
        join {
          $0.disks = [
            NewDisk(id: .test(1), name: "d", path: "/a"), NewDisk(id: .test(1), name: "e", path: "/b"),
          ]
        }, "disk id"
      ),
      (disk { $0.name = "a/b" }, "disk name"), (disk { $0.path = "d" }, "disk path"),
      (disk { $0.path = "/a\u{1b}[m" }, "disk path"), (disk { $0.totalBytes = -1 }, "total bytes"),
      (disk { $0.totalBytes = 1 << 61 }, "total bytes"), (disk { $0.freeBytes = 1 }, "free bytes"),
      (disk { $0.minFreeBytes = -1 }, "minimum of free bytes"),
      (.updateNode(id, NodeChange(addresses: [])), "number of addresses"),
      (.updateNode(id, NodeChange(name: "")), "node name"),
      (.reportLiveness(LivenessReport(id, is: .offline, since: -1)), "time"),
      (.drain(id, reason: long), "reason"), (.remove(id, reason: "a\nb", isForced: true), "reason"),
      (.retireDisk(id, .test(1), reason: "\u{0}"), "reason"),
      (.updateDisk(id, .test(1), DiskChange(state: .retired)), "disk state"),
      (.updateDisk(id, .test(1), DiskChange(error: long)), "error"),
      (.updateDisk(id, .test(1), DiskChange(freeBytes: -1)), "free bytes"),
      (
        .setPolicy(.root, ErasureCoding(dataShards: 200, parityShards: 56, stripeBytes: 4096)),
        "parity shards"
      ),
    ]
  }()

  @Test("a command with a value that is not taken says which one", arguments: bad)
  func commands(command: ClusterCommand, field: String) {
    var found: String?
    do throws(InvalidValue) { try command.check() } catch { found = error.field }
    #expect(found == field)
  }

  @Test("what a refusal repeats is short, and cannot change a terminal")
  func shown() {
    let long = InvalidValue("name", String(repeating: "x", count: 500), accepted: "short")
    #expect(long.description.count < 120)
    #expect(!InvalidValue("name", "\u{1b}[31m", accepted: "plain").description.contains("\u{1b}"))
  }

  @Test(
    "what an operator decided comes before what was noticed",
    arguments: [
      (NodeStanding.active, Liveness.online, NodeState.active), (.active, .suspect, .suspect),
      (.active, .offline, .offline), (.draining, .online, .draining), (.draining, .offline, .draining),
      (.removed, .online, .removed),
    ])
  func states(standing: NodeStanding, liveness: Liveness, state: NodeState) {
    #expect(NodeState(standing, liveness) == state)
  }
}
