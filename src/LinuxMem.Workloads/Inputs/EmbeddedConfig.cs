namespace LinuxMem.Workloads.Inputs;

/// <summary>The files of config/ that are built into this assembly.</summary>
internal static class EmbeddedConfig
{
    /// <summary>The bytes of config/<paramref name="name"/>.json, or null if there is no such file.</summary>
    public static byte[]? Find(string name)
    {
        using Stream? stream = typeof(EmbeddedConfig).Assembly.GetManifestResourceStream($"config/{name}.json");
        if (stream is null)
            return null;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
