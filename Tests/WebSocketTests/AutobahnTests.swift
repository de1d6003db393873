// The Autobahn suite's short groups, on request: VARVE_AUTOBAHN=1. ops/autobahn alone runs all of it.

import Foundation
import Peers
import Testing

@Suite("Autobahn") struct AutobahnTests {
  static var isWanted: Bool { ProcessInfo.processInfo.environment["VARVE_AUTOBAHN"] == "1" }

  @Test(
    .enabled(if: isWanted, "set VARVE_AUTOBAHN=1 to run it"), arguments: ["server", "client"])
  func passes(_ end: String) throws {
    let script = Repository.root.appendingPathComponent("ops/autobahn").path
    let said = try ForeignProgram.run(
      script, ["--cases", "1.*,2.*,3.*,4.*,5.*,6.*,7.*,10.*,12.1.*,13.1.*", end])
    // Where Python 2.7 is missing it says that it was skipped.
    print(String(decoding: said, as: UTF8.self))
  }
}
