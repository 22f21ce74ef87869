using System.Runtime.CompilerServices;

namespace LinuxMem.Reporting.Tests;

/// <summary>
/// Compares a text with the file Snapshots/NAME beside the tests; UPDATE_SNAPSHOTS=1 writes the file instead.
/// </summary>
internal static class Snapshot
{
    public static void Matches(string actual, string name, [CallerFilePath] string caller = "")
    {
        string path = Path.Combine(Path.GetDirectoryName(caller)!, "Snapshots", name);
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.True(
            File.Exists(path), $"{path} is missing: run the tests with UPDATE_SNAPSHOTS=1, look at what it writes");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
