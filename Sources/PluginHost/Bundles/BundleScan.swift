internal import Glibc
internal import Linux
import Model

/// What people's manifests and bundles look like from outside: enough to see that one changed.
///
/// A unit is what is taken up as a whole: a bundle or the home's manifest, named by the path of its
/// manifest, or the folder of bundles, named by its own.
struct BundleScan {
  /// Folders told of at most: each costs a watch.
  static let folderCountMax = 1024

  /// Of each unit that is there a number that changes when anything in it does.
  private(set) var prints: [String: Int] = [:]
  /// The folders to watch for changes.
  private(set) var folders: [String] = []
  /// Whether these are all folders.
  private(set) var hasAllFolders = true

  /// Looks at names, sizes, times and permissions, never into a file.
  /// - Parameter homeFiles: the files that the home's manifest names.
  /// - Complexity: one lstat(2) for each file of each bundle.
  init(_ sources: ComponentSources, homeFiles: [String] = []) {
    if let manifest = sources.homeManifest {
      note(folder: Files.parent(of: manifest))
      var hasher = Hasher()
      if Self.add(manifest, to: &hasher) != nil {
        for file in Set(homeFiles).sorted() {
          // One that is not there counts, too: it may come.
          if Self.add(file, to: &hasher) == nil { hasher.combine(file) }
          let folder = Files.parent(of: file)
          if !folders.contains(folder), Files.isDirectory(folder) { note(folder: folder) }
        }
        prints[manifest] = hasher.finalize()
      }
    }
    guard let place = sources.bundleDirectory, Files.isDirectory(place) else { return }
    note(folder: place)
    var status = stat()
    if stat(place, &status) == 0 {
      // Not its times: those change with every bundle.
      prints[place] = [Int(status.st_mode), Int(status.st_uid)].hashValue
    }
    // A folder that cannot be read holds no bundle; its mode, which changes when it can, is above.
    let names = ((try? Files.names(in: place)) ?? []).filter { !$0.hasPrefix(".") }
    for name in names.prefix(Catalogue.bundleCountMax) { addBundle("\(place)/\(name)") }
  }

  private mutating func note(folder: String) {
    if folders.count < Self.folderCountMax {
      folders.append(folder)
    } else {
      hasAllFolders = false
    }
  }

  private mutating func addBundle(_ folder: String) {
    var hasher = Hasher()
    var count = 0
    guard Files.isDirectory(folder) else { return }
    collect(folder, depth: 0, &hasher, &count)
    prints[folder + "/manifest.json"] = hasher.finalize()
  }

  private mutating func collect(
    _ path: String, depth: Int, _ hasher: inout Hasher, _ count: inout Int
  ) {
    count += 1
    // What is beyond the limits is refused when it is installed, however it looks.
    if depth > BundleStore.Limit.depth + 1 || count > BundleStore.Limit.fileCount * 2 { return }
    guard let status = Self.add(path, to: &hasher), status.st_mode & S_IFMT == S_IFDIR else {
      return
    }
    note(folder: path)
    // Gone meanwhile: that changes its number at the next look.
    for name in (try? Files.names(in: path)) ?? [] {
      collect("\(path)/\(name)", depth: depth + 1, &hasher, &count)
    }
  }

  private static func add(_ path: String, to hasher: inout Hasher) -> stat? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    hasher.combine(path)
    hasher.combine(status.st_ino)
    hasher.combine(status.st_mode)
    hasher.combine(status.st_uid)
    hasher.combine(status.st_size)
    for time in [status.st_mtim, status.st_ctim] {
      hasher.combine(time.tv_sec)
      hasher.combine(time.tv_nsec)
    }
    return status
  }
}
