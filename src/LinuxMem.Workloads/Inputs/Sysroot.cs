using LinuxMem.Abi;
using Microsoft.Win32.SafeHandles;

namespace LinuxMem.Workloads.Inputs;

/// <summary>
/// A directory that stands for the root of the simulated machine's file system: programs and libraries are found under
/// it by their paths, symbolic links included. Nothing is read before it is asked for, and then only that part.
/// </summary>
/// <remarks>Programs on several threads may ask at once.</remarks>
public sealed class Sysroot : IDisposable
{
    // Linux: include/linux/namei.h: MAXSYMLINKS, v6.18.
    private const int LinksMax = 40;
    private const UnixFileMode AnyExecute =
        UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly string root;
    private readonly string workingDirectory;
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, ExternalFile?> found = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SafeFileHandle> handles = new(StringComparer.Ordinal);
    private bool isClosed;

    /// <summary>Takes a directory for the root.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="workingDirectory">Where relative paths begin, as an absolute path under it.</param>
    /// <exception cref="Simulation.ConfigurationException">There is no such directory.</exception>
    public Sysroot(string directory, string workingDirectory = "/")
    {
        this.workingDirectory = workingDirectory;
        if (!Directory.Exists(directory))
            throw new Simulation.ConfigurationException($"{directory}: no such directory (sysroot)");
        root = Path.GetFullPath(directory).TrimEnd('/');
    }

    /// <summary>The file at a path, or null if there is none. The same answer every time.</summary>
    public ExternalFile? Find(string path)
    {
        lock (gate)
        {
            if (found.TryGetValue(path, out ExternalFile? known))
                return known;
            ExternalFile? file = Look(path);
            found.Add(path, file);
            return file;
        }
    }

    /// <summary>The path with its links resolved; the path itself if nothing is there.</summary>
    public string RealPath(string path) => Find(path)?.RealPath ?? path;

    /// <summary>Closes what was opened; what is read afterwards is nothing.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isClosed = true;
            foreach (SafeFileHandle handle in handles.Values)
                handle.Dispose();
            handles.Clear();
        }
    }

    private ExternalFile? Look(string path)
    {
        if (!path.StartsWith('/') && path.Length > 0)
            path = workingDirectory.TrimEnd('/') + "/" + path;
        if (path.Length == 0 || path.Contains('\0') || Resolve(path) is not { } real)
            return null;
        string host = root + real;
        if (Directory.Exists(host))
            return new ExternalFile(ExternalKind.Directory) { RealPath = real };
        var info = new FileInfo(host);
        if (!info.Exists)
            return null;
        if ((info.Attributes & FileAttributes.Device) != 0)
            return new ExternalFile(ExternalKind.Stream) { RealPath = real };
        bool mayExecute = OperatingSystem.IsWindows() || (info.UnixFileMode & AnyExecute) != 0;
        return new ExternalFile(ExternalKind.Regular, (ulong)info.Length, (at, into) => Read(host, at, into))
        {
            RealPath = real,
            MayExecute = mayExecute,
        };
    }

    // Component by component, so that links lead to places under the root and not of the host.
    private string? Resolve(string path)
    {
        var rest = new Stack<string>();
        Push(rest, path);
        var done = new List<string>();
        int links = 0;
        while (rest.TryPop(out string? part))
        {
            if (part is "" or ".")
                continue;
            if (part == "..")
            {
                if (done.Count > 0)
                    done.RemoveAt(done.Count - 1);
                continue;
            }

            string? target = new FileInfo($"{root}/{string.Join('/', done.Append(part))}").LinkTarget;
            if (target is null)
            {
                done.Add(part);
                continue;
            }

            if (++links > LinksMax)
                return null;
            if (target.StartsWith('/'))
                done.Clear();
            Push(rest, target);
        }

        return "/" + string.Join('/', done);
    }

    private static void Push(Stack<string> rest, string path)
    {
        string[] parts = path.Split('/');
        for (int i = parts.Length - 1; i >= 0; i--)
            rest.Push(parts[i]);
    }

    private int Read(string host, ulong offset, Memory<byte> into)
    {
        lock (gate)
        {
            if (isClosed || offset > long.MaxValue)
                return 0;
            try
            {
                if (!handles.TryGetValue(host, out SafeFileHandle? handle))
                    handles.Add(host, handle = File.OpenHandle(host));
                return RandomAccess.Read(handle, into.Span, (long)offset);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return 0;
            }
        }
    }
}
