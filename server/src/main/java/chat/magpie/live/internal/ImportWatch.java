package chat.magpie.live.internal;

import chat.magpie.identity.Permission;
import chat.magpie.identity.Principal;
import chat.magpie.knowledge.ImportJob;
import chat.magpie.knowledge.Imports;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Tells the sockets of those who keep the knowledge base how imports of their tenant get on.
final class ImportWatch {
  private final Frames frames;
  private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();

  /// One who wants to know.
  interface Watcher {
    Principal caller();

    /// A step of an import. Called on any thread.
    void progress(byte[] frame);
  }

  ImportWatch(Imports imports, Frames frames) {
    this.frames = frames;
    imports.listen(this::heard);
  }

  void add(Watcher watcher) {
    watchers.add(watcher);
  }

  void remove(Watcher watcher) {
    watchers.remove(watcher);
  }

  private void heard(ImportJob job) {
    if (watchers.isEmpty()) {
      return;
    }
    byte[] frame = frames.bytes(SocketFrames.Progress.of(job));
    for (Watcher watcher : watchers) {
      Principal caller = watcher.caller();
      if (caller.tenantId().equals(job.tenantId()) && caller.may(Permission.MANAGE_KNOWLEDGE)) {
        watcher.progress(frame);
      }
    }
  }
}
