using System.Text;

namespace LinuxMem.Workloads.Tests.Lackey;

/// <summary>Files that a test makes, in a directory of their own.</summary>
internal sealed class TempLogs : IDisposable
{
    public TempLogs() => Directory = System.IO.Directory.CreateTempSubdirectory("lackey-test-").FullName;

    public string Directory { get; }

    public string Add(string name, string text) => Add(name, Encoding.Latin1.GetBytes(text));

    public string Add(string name, byte[] bytes)
    {
        string path = Path.Combine(Directory, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>What valgrind writes before the first line.</summary>
    public static string Preamble(int pid, int parent, string command) =>
        $"=={pid}== Lackey, an example Valgrind tool\n=={pid}== Command: {command}\n"
        + $"=={pid}== Parent PID: {parent}\n=={pid}== \n";

    /// <summary>The real log that ships with the tests.</summary>
    public static string RealLog => Path.Combine(AppContext.BaseDirectory, "Lackey", "true.lackey.xz");

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
