namespace LinuxMem.Audit.Snapshots;

/// <summary>
/// A snapshot that cannot be checked because it breaks its own format: the builder's bug, not the machine's.
/// </summary>
/// <param name="message">What is wrong with it.</param>
public sealed class MalformedSnapshotException(string message) : Exception(message);
