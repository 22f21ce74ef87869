using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using LinuxMem.Simulation;
using LinuxMem.Workloads.Inputs;
using LinuxMem.Workloads.Tests.Lackey;
using ZstdSharp;

namespace LinuxMem.Workloads.Tests.Inputs;

public sealed class InputFileSpec : IDisposable
{
    private readonly TempLogs files = new();
    private readonly byte[] text =
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"I  {i:x8},{i % 9}\n")));

    public void Dispose() => files.Dispose();

    [Fact]
    public void A_plain_file_is_read_as_it_is() => Assert.Equal(text, ReadAll(files.Add("a", text)));

    [Fact]
    public void Compressed_files_are_known_by_their_first_bytes()
    {
        Assert.Equal(text, ReadAll(files.Add("a", Gzip(text))));
        Assert.Equal(text, ReadAll(files.Add("b", Zstd(text))));
        Assert.Equal(2_006_539, ReadAll(TempLogs.RealLog).Length);
    }

    [Fact]
    public void An_xz_file_is_read_with_no_more_dictionary_than_it_has_text()
    {
        const int codeAt = 12 + 4; // behind the header of the stream: size, flags, filter, size of its properties
        byte[] xz = File.ReadAllBytes(TempLogs.RealLog);
        using var file = new MemoryStream([.. xz]) { Position = 6 };
        byte[] start = XzDictionary.Shrink(file)!;
        Assert.Equal(start.Length, file.Position);
        Assert.Equal(18, start[codeAt]); // 2 MiB
        Assert.True(xz[codeAt] > 18);
        Assert.Equal(xz[..codeAt], start[..codeAt]);
        using var again = new MemoryStream([.. start, .. xz[start.Length..]]) { Position = 6 };
        Assert.Null(XzDictionary.Shrink(again));
        Assert.Equal(6, again.Position);
        using var twice = new MemoryStream([.. xz, .. xz]) { Position = 6 };
        Assert.Null(XzDictionary.Shrink(twice));
    }

    [Fact]
    public void Files_put_together_with_cat_are_read_to_the_end()
    {
        byte[] twice = [.. text, .. text];
        var xz = File.ReadAllBytes(TempLogs.RealLog);

        Assert.Equal(twice, ReadAll(files.Add("a", [.. Gzip(text), .. Gzip(text)])));
        Assert.Equal(twice, ReadAll(files.Add("b", [.. Zstd(text), .. Zstd(text)])));
        Assert.Equal(2 * 2_006_539, ReadAll(files.Add("c", [.. xz, 0, 0, 0, 0, .. xz, 0, 0, 0, 0])).Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(1000)]
    public void A_compressed_file_that_is_cut_off_is_an_error(int bytes)
    {
        Assert.Throws<IOException>(() => ReadAll(files.Add("a", Gzip(text)[..^bytes])));
        Assert.Throws<IOException>(() => ReadAll(files.Add("b", Zstd(text)[..^bytes])));
        Assert.Throws<IOException>(() => ReadAll(files.Add("c", File.ReadAllBytes(TempLogs.RealLog)[..^bytes])));
    }

    [Fact]
    public void Damaged_data_is_an_error_that_names_the_file()
    {
        var bytes = File.ReadAllBytes(TempLogs.RealLog);
        bytes[bytes.Length / 2] ^= 0x55;
        string path = files.Add("bad.xz", bytes);

        Assert.Contains(path, Assert.Throws<IOException>(() => ReadAll(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_expands_a_thousandfold_is_refused()
    {
        string small = files.Add("small.gz", Gzip(new byte[60 << 20]));
        string big = files.Add("big.gz", Gzip(new byte[80 << 20]));

        Assert.Equal(60 << 20, Length(small));
        Assert.Contains("1000-fold", Refusal(big), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_file_is_refused_with_its_name()
    {
        Assert.Contains("directory", Refusal(files.Directory), StringComparison.Ordinal);
        Assert.Contains("empty", Refusal(files.Add("e", "")), StringComparison.Ordinal);
        Assert.Throws<ConfigurationException>(() => InputFile.Open(""));
        Assert.Throws<ConfigurationException>(() => InputFile.Open("a\0b"));
        Assert.Throws<FileNotFoundException>(() => InputFile.Open(Path.Combine(files.Directory, "none")));
    }

    [Fact]
    public void A_pipe_is_refused_without_waiting_for_its_writer()
    {
        if (OperatingSystem.IsWindows())
            return;
        string path = Path.Combine(files.Directory, "pipe");
        using (var process = Process.Start("mkfifo", path))
            process.WaitForExit();
        string link = Path.Combine(files.Directory, "link");
        File.CreateSymbolicLink(link, path);

        Assert.Contains("pipe", Refusal(path), StringComparison.Ordinal);
        Assert.Throws<ConfigurationException>(() => InputFile.Open(link));
        Assert.Throws<ConfigurationException>(() => InputFile.Open("/dev/zero"));
    }

    private static string Refusal(string path) => Assert.Throws<ConfigurationException>(() => Length(path)).Message;

    private static byte[] ReadAll(string path)
    {
        using var stream = InputFile.Open(path);
        using var all = new MemoryStream();
        stream.CopyTo(all, 777);
        return all.ToArray();
    }

    private static long Length(string path)
    {
        using var stream = InputFile.Open(path);
        var buffer = new byte[1 << 16];
        long length = 0;
        for (int count; (count = stream.Read(buffer)) > 0;)
            length += count;
        return length;
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var all = new MemoryStream();
        using (var gzip = new GZipStream(all, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(bytes);
        return all.ToArray();
    }

    private static byte[] Zstd(byte[] bytes)
    {
        using var all = new MemoryStream();
        using (var zstd = new CompressionStream(all, 3, leaveOpen: true))
            zstd.Write(bytes);
        return all.ToArray();
    }
}
