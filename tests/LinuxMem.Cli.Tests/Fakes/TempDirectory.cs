namespace LinuxMem.Cli.Tests.Fakes;

/// <summary>A directory of a test's own, removed at its end.</summary>
internal sealed class TempDirectory : IDisposable
{
    public TempDirectory() => Root = Directory.CreateTempSubdirectory("linuxmem-test-").FullName;

    public string Root { get; }

    public string this[string name] => Path.Combine(Root, name);

    public string[] Entries() =>
        [.. Directory.EnumerateFileSystemEntries(Root).Select(entry => Path.GetFileName(entry)!).Order()];

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
