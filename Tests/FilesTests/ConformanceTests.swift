// What every file system must do the same way, the simulated one as the kernel does: contents, sizes and
// error numbers of names and opens. Bytes and blocks are in ByteConformanceTests.swift.

import Bytes
import Files
import Glibc
import Runtime
import Testing

@Suite("Every file system: names") struct NameConformanceTests {
  @Test(arguments: Subject.allCases) func opensWhatIsThereAndSaysWhyItCannot(_ subject: Subject) throws {
    try subject.withDirectory { files, base in
      try files.put("x", at: base / "file")
      try files.createDirectory(base / "directory")
      let cases: [(FilePath, OpenOptions, ErrorNumber?)] = [
        (base / "missing", [.read], .notFound),
        (base / "missing", [.read, .write], .notFound),
        (base / "missing/deeper", [.write, .create], .notFound),
        (base / "file/deeper", [.read], .notDirectory),
        (base / "file/deeper", [.write, .create], .notDirectory),
        (base / "file", [.write, .create, .exclusive], .exists),
        (base / "directory", [.write, .create, .exclusive], .exists),
        (base / "directory", [.write], .isDirectory),
        (base / "directory", [.read, .write], .isDirectory),
        (base / "directory", [.write, .create], .isDirectory),
        (base / "file", [.read, .directory], .notDirectory),
        (base / "missing", [.read, .directory], .notFound),
        (base / String(repeating: "n", count: 256), [.write, .create], .nameTooLong),
        (FilePath(String(repeating: "/nnn", count: 1024)), [.read], .nameTooLong),
        (FilePath(""), [.read], .notFound),
        (base / "nul\0byte", [.read], .invalid),
        (base / "file", [.read], nil),
        (base / "file", [.write], nil),
        (base / "file", [.read, .write, .create], nil),
        (base / "directory", [.read], nil),
        (base / "directory", [.read, .directory], nil),
        (base / String(repeating: "n", count: 255), [.write, .create, .exclusive], nil),
        (base / "directory/../file", [.read], nil),
        (base / "directory/./.", [.read, .directory], nil),
        (base / "file/..", [.read], .notDirectory),
        (base / "missing/..", [.read], .notFound),
      ]
      for (path, options, expected) in cases {
        let got = number { () throws(FileError) in _ = try files.open(path, options) }
        #expect(got == expected, "opening \(path.string.prefix(120)) with \(options)")
      }
      #expect(try files.text(of: base / "file") == "x", "opening without truncate keeps the bytes")
      _ = try files.open(base / "file", [.write, .truncate])
      #expect(try files.text(of: base / "file") == "")
    }
  }

  @Test(arguments: Subject.allCases) func makesAndRemovesDirectories(_ subject: Subject) throws {
    try subject.withDirectory { files, base in
      try files.put("x", at: base / "file")
      try files.createDirectory(base / "full")
      try files.put("y", at: base / "full/file")
      #expect(number { () throws(FileError) in try files.createDirectory(base / "file") } == .exists)
      #expect(number { () throws(FileError) in try files.createDirectory(base / "full") } == .exists)
      #expect(number { () throws(FileError) in try files.createDirectory(base / "a/b") } == .notFound)
      #expect(number { () throws(FileError) in try files.createDirectory(base / "file/b") } == .notDirectory)
      #expect(number { () throws(FileError) in try files.removeDirectory(base / "a") } == .notFound)
      #expect(number { () throws(FileError) in try files.removeDirectory(base / "file") } == .notDirectory)
      #expect(number { () throws(FileError) in try files.removeDirectory(base / "full") } == .notEmpty)
      try files.remove(base / "full/file")
      try files.removeDirectory(base / "full")
      #expect(try files.exists(base / "full") == false)
      try files.createDirectories(base / "a/b/c")
      try files.createDirectories(base / "a/b/c")
      #expect(try files.status(of: base / "a/b/c").kind == .directory)
      #expect(
        number { () throws(FileError) in try files.createDirectories(base / "file/b") } == .notDirectory)
      #expect(number { () throws(FileError) in try files.createDirectories(base / "file") } == .notDirectory)
      try files.put("deep", at: base / "a/b/c/file")
      try files.removeTree(base / "a")
      #expect(try files.names(in: base) == ["file"])
    }
  }

  @Test func removesLinksAndNotWhatTheyLeadTo() throws {
    try withLocalDirectory { base in
      let files = LocalFiles()
      try files.createDirectory(base / "kept")
      try files.put("x", at: base / "kept/file")
      try files.createDirectory(base / "tree")
      #expect(symlink((base / "kept").string, (base / "tree/inside").string) == 0)
      #expect(symlink((base / "kept").string, (base / "outside").string) == 0)
      #expect(try files.list(base / "tree") == [DirectoryEntry(name: "inside", kind: .symbolicLink)])
      try files.removeTree(base / "tree")
      try files.removeTree(base / "outside")
      #expect(try files.names(in: base) == ["kept"])
      #expect(try files.text(of: base / "kept/file") == "x")
    }
  }

  @Test(arguments: Subject.allCases) func unlinksFilesOnly(_ subject: Subject) throws {
    try subject.withDirectory { files, base in
      try files.put("x", at: base / "file")
      try files.createDirectory(base / "directory")
      #expect(number { () throws(FileError) in try files.remove(base / "missing") } == .notFound)
      #expect(number { () throws(FileError) in try files.remove(base / "directory") } == .isDirectory)
      #expect(number { () throws(FileError) in try files.remove(base / "file/deeper") } == .notDirectory)
      try files.remove(base / "file")
      #expect(number { () throws(FileError) in try files.remove(base / "file") } == .notFound)
    }
  }

  @Test(arguments: Subject.allCases) func aRemovedFileLivesOnWhileItIsOpen(_ subject: Subject) throws {
    try subject.withDirectory { files, base in
      let file = try files.open(base / "file", [.read, .write, .create])
      try file.write(ByteBuffer("before"), at: 0)
      try files.remove(base / "file")
      #expect(try files.exists(base / "file") == false)
      try file.write(ByteBuffer(" after"), at: 6)
      #expect(try file.text(at: 0, count: 100) == "before after")
      #expect(try file.status().links == 0)
      try files.put("new", at: base / "file")
      #expect(try file.text(at: 0, count: 100) == "before after")
      try file.sync()
      try file.close()
      #expect(try files.text(of: base / "file") == "new")
    }
  }

  @Test(arguments: Subject.allCases) func renamesReplaceWhatHadTheName(_ subject: Subject) throws {
    try subject.withDirectory { files, base in
      try files.put("one", at: base / "one")
      try files.put("two", at: base / "two")
      let replaced = try files.open(base / "two", .read)
      try files.rename(base / "one", to: base / "two")
      #expect(try files.names(in: base) == ["two"])
      #expect(try files.text(of: base / "two") == "one")
      #expect(try replaced.text(at: 0, count: 9) == "two", "who has the replaced file open keeps it")
      try files.rename(base / "two", to: base / "two")
      #expect(try files.text(of: base / "two") == "one")
      // Two names of one file: POSIX says a rename between them does nothing.
      try files.link(base / "two", to: base / "again")
      try files.rename(base / "two", to: base / "again")
      #expect(try files.names(in: base) == ["again", "two"])
      #expect(try files.status(of: base / "two").links == 2)
    }
  }

  @Test(arguments: Subject.allCases) func refusesRenamesThatMakeNoSense(_ subject: Subject) throws {
    try subject.withDirectory { files, base in
      try files.put("x", at: base / "file")
      try files.createDirectory(base / "empty")
      try files.createDirectory(base / "full")
      try files.createDirectory(base / "full/child")
      let cases: [(String, String, ErrorNumber?)] = [
        ("missing", "new", .notFound),
        ("file", "missing/new", .notFound),
        ("file", "file/new", .notDirectory),
        ("file/x", "new", .notDirectory),
        ("file", "empty", .isDirectory),
        ("empty", "file", .notDirectory),
        ("empty", "full", .notEmpty),
        ("full", "full/child", .invalid),
        ("full", "full/child/new", .invalid),
        ("full/child", "full", .notEmpty),
        ("empty", "empty", nil),
        ("full", "empty", nil),
      ]
      for (from, to, expected) in cases {
        let got = number { () throws(FileError) in try files.rename(base / from, to: base / to) }
        #expect(got == expected, "renaming \(from) to \(to)")
      }
      #expect(try files.names(in: base) == ["empty", "file"])
      #expect(try files.names(in: base / "empty") == ["child"])
    }
  }

  @Test(arguments: Subject.allCases) func movesDirectoriesWithWhatIsInThem(_ subject: Subject) throws {
    try subject.withDirectory { files, base in
      try files.createDirectories(base / "a/b")
      try files.put("x", at: base / "a/b/file")
      try files.createDirectory(base / "c")
      try files.rename(base / "a/b", to: base / "c/d")
      #expect(try files.text(of: base / "c/d/file") == "x")
      #expect(try files.text(of: base / "c/d/../d/file") == "x")
      #expect(try files.names(in: base / "a") == [])
    }
  }

  @Test(arguments: Subject.allCases) func linksGiveOneFileTwoNames(_ subject: Subject) throws {
    try subject.withDirectory { files, base in
      try files.put("x", at: base / "one")
      try files.createDirectory(base / "directory")
      try files.link(base / "one", to: base / "directory/two")
      #expect(try files.status(of: base / "one").links == 2)
      #expect(
        try files.status(of: base / "one").inode == files.status(of: base / "directory/two").inode)
      try files.put("longer", at: base / "one")
      #expect(try files.text(of: base / "directory/two") == "longer")
      try files.remove(base / "one")
      #expect(try files.status(of: base / "directory/two").links == 1)
      let cases: [(String, String, ErrorNumber)] = [
        ("missing", "new", .notFound),
        ("directory/two", "directory", .exists),
        ("directory/two", "directory/two", .exists),
        ("directory", "new", .notPermitted),
        ("directory/two", "nowhere/new", .notFound),
      ]
      for (from, to, expected) in cases {
        let got = number { () throws(FileError) in try files.link(base / from, to: base / to) }
        #expect(got == expected, "linking \(from) to \(to)")
      }
    }
  }

  @Test(arguments: Subject.allCases) func listsInOrderAndWithinABound(_ subject: Subject) throws {
    try subject.withDirectory { files, base in
      #expect(try files.list(base).isEmpty)
      for name in ["b", "a", "ä", "10", "9", ".hidden", "A"] { try files.put("", at: base / name) }
      try files.createDirectory(base / "directory")
      let entries = try files.list(base)
      #expect(entries.map(\.name) == [".hidden", "10", "9", "A", "a", "b", "directory", "ä"])
      #expect(entries.filter { $0.kind == .directory }.map(\.name) == ["directory"])
      #expect(try files.list(base, entriesMaximum: 8).count == 8)
      #expect(throws: FileError.directoryTooLarge(path: base, entriesMaximum: 7)) {
        try files.list(base, entriesMaximum: 7)
      }
      #expect(number { () throws(FileError) in _ = try files.list(base / "a") } == .notDirectory)
      #expect(number { () throws(FileError) in _ = try files.list(base / "missing") } == .notFound)
    }
  }

  @Test(arguments: Subject.allCases) func saysWhatAnEntryIs(_ subject: Subject) throws {
    try subject.withDirectory { files, base in
      let file = try files.open(base / "file", [.write, .create], mode: .ownerOnly)
      try file.write(ByteBuffer("12345"), at: 0)
      let status = try files.status(of: base / "file")
      #expect(status.kind == .file && status.bytes == 5 && status.links == 1)
      #expect(status.mode == .ownerOnly)
      #expect(try file.status() == status)
      #expect(number { () throws(FileError) in _ = try files.status(of: base / "no") } == .notFound)
      #expect(number { () throws(FileError) in _ = try files.status(of: base / "file/no") } == .notDirectory)
      let room = try files.space(at: base)
      #expect(room.totalBytes >= room.freeBytes && room.freeBytes >= room.availableBytes)
      #expect(room.blockBytes > 0)
      #expect(number { () throws(FileError) in _ = try files.space(at: base / "no") } == .notFound)
    }
  }

  @Test(arguments: Subject.allCases) func replacesWholeFilesAndLeavesNothingBeside(_ subject: Subject) throws
  {
    try subject.withDirectory { files, base in
      try files.replace(atomically: base / "file", with: ByteBuffer("one"))
      try files.replace(atomically: base / "file", with: ByteBuffer("second"))
      #expect(try files.text(of: base / "file") == "second")
      #expect(try files.names(in: base) == ["file"])
      try files.createDirectory(base / "taken")
      #expect(
        number { () throws(FileError) in
          try files.replace(atomically: base / "taken", with: ByteBuffer("x"))
        } == .isDirectory)
      #expect(try files.names(in: base) == ["file", "taken"], "the temporary file is removed")
      #expect(
        throws: FileError.fileTooLarge(path: base / "file", bytes: 6, bytesMaximum: 5)
      ) { try files.contents(of: base / "file", bytesMaximum: 5) }
    }
  }

  @Test(arguments: Subject.allCases) func sweepsTemporaryFilesOnly(_ subject: Subject) throws {
    try subject.withDirectory { files, base in
      try files.put("keep", at: base / "file")
      let first = try files.createTemporaryFile(in: base, for: "file")
      let second = try files.createTemporaryFile(in: base, for: String(repeating: "n", count: 255))
      #expect(first.path != second.path)
      #expect(isTemporaryName(first.path.name) && !isTemporaryName("file"))
      #expect(try files.removeTemporaryFiles(in: base) == 2)
      #expect(try files.names(in: base) == ["file"])
    }
  }

  @Test(arguments: Subject.allCases) func aLockHasOneHolderAndSaysWho(_ subject: Subject) throws {
    try subject.withDirectory { files, base in
      let holder = LockHolder(processID: 4711, host: "storage-3", started: .init(nanoseconds: 5_000_000))
      let other = LockHolder(processID: 4712, host: "storage-3", started: .init(nanoseconds: 6_000_000))
      let lock = try FileLock(files, at: base / "lock", as: holder)
      #expect(throws: FileError.locked(path: base / "lock", holder: holder)) {
        _ = try FileLock(files, at: base / "lock", as: other)
      }
      try lock.release()
      #expect(try files.text(of: base / "lock") == "", "a released lock names nobody")
      let again = try FileLock(files, at: base / "lock", as: other)
      #expect(try files.text(of: base / "lock") == "pid=4712\nhost=storage-3\nstarted=6\n")
      try again.release()
      // What a process that died left in the file does not matter: the kernel holds no lock for it.
      try files.put("pid=1\nhost=gone\nstarted=1\n", at: base / "lock")
      do {
        let taken = try FileLock(files, at: base / "lock", as: holder)
        #expect(try files.text(of: base / "lock").hasPrefix("pid=4711"))
        _ = taken
      }
      let afterScope = try FileLock(files, at: base / "lock", as: other)
      try afterScope.release()
    }
  }
}
