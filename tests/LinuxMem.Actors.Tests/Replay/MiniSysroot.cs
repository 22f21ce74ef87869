using System.Globalization;
using LinuxMem.Workloads.Inputs;

namespace LinuxMem.Actors.Tests.Replay;

/// <summary>A directory of files that have the sizes and the headers of real ones, and nothing else.</summary>
internal sealed class MiniSysroot : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lm-sysroot").FullName;

    public MiniSysroot()
    {
        string last = "";
        foreach (string line in File.ReadLines(Data("sysroot.txt")).Where(l => !l.StartsWith('#')))
        {
            string[] words = line.Split(' ');
            string path = folder + words[1];
            switch (words[0])
            {
                case "file":
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    using (FileStream file = File.Create(path))
                        file.SetLength(long.Parse(words[2], CultureInfo.InvariantCulture));
                    if (!OperatingSystem.IsWindows())
                        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
                    last = path;
                    break;
                case "bytes":
                    using (FileStream file = File.OpenWrite(last))
                    {
                        file.Position = long.Parse(words[1], CultureInfo.InvariantCulture);
                        file.Write(Convert.FromHexString(words[2]));
                    }

                    break;
                default:
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    File.CreateSymbolicLink(path, words[2]);
                    break;
            }
        }

        Files = new Sysroot(folder);
    }

    public Sysroot Files { get; }

    public static string Data(string name) => Path.Combine(AppContext.BaseDirectory, "Replay", name);

    public void Dispose()
    {
        Files.Dispose();
        Directory.Delete(folder, true);
    }
}
