using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Workloads.Lackey.Cpu;

namespace LinuxMem.Workloads.Tests.Lackey.Cpu;

/// <summary>Which code of a library runs on a processor with AVX-512 in place of what valgrind's runs.</summary>
public class CodeVariantsSpec
{
    private const ulong TextAt = 0x1000;
    private const ulong Resolver = 0x1000, OtherResolver = 0x1100;
    private const ulong Avx2 = 0x2000, Evex = 0x3000, Plain = 0x1800, Rtm = 0x2800;
    private const ulong CopyAvx2 = 0x2100, CopyEvex = 0x3100, CopyWide = 0x3800, CopyWideErms = 0x3900;

    private static readonly byte[] VexCode = [0xc5, 0xfd, 0x6f, 0x06, 0xc5, 0xfd, 0x74, 0xc8, 0xc5, 0xfd, 0xd7, 0xc1];
    private static readonly byte[] EvexCode =
    [
        0x62, 0xe1, 0xfe, 0x28, 0x6f, 0x06, 0x62, 0xe1, 0x7e, 0x28, 0x6f, 0x06, 0x62, 0xe1, 0xfe, 0x28, 0x6f, 0x4e,
    ];

    [Fact]
    public void A_function_is_exchanged_for_the_one_with_EVEX_prefixes()
    {
        IReadOnlyList<CodePair> pairs = new CodeVariants().In("libc", Library());
        Assert.Contains(new CodePair(Avx2, CopyAvx2, Evex), pairs);
    }

    [Fact]
    public void Copying_takes_the_last_of_the_512_bit_variants()
    {
        IReadOnlyList<CodePair> pairs = new CodeVariants().In("libc", Library());
        Assert.Contains(pairs, p => p.Start == CopyAvx2 && p.Native == CopyWideErms);
        Assert.Equal(2, pairs.Count);
    }

    [Fact]
    public void What_is_no_library_has_nothing_to_exchange()
    {
        byte[] text = "#!/bin/sh\n"u8.ToArray();
        Assert.Empty(new CodeVariants().In("script", File(text)));
        Assert.Empty(new CodeVariants().In("empty", File([])));
        Assert.Empty(new CodeVariants().In("header", File(Library(128).ToArray())));
    }

    [Theory]
    [InlineData("c5fd6f06c5fd74c8c5fdd7c1c5f877c3c3c3c3", nameof(VectorKind.Avx2))]
    [InlineData("c5fd6f06c5fd74c8c5fdd7c10f01d6", nameof(VectorKind.Transactional))]
    [InlineData("62e1fe286f0662e17e286f0662e1fe286f4e01", nameof(VectorKind.Evex))]
    [InlineData("62e1fe486f0662e17e486f0662e1fe486f4e01", nameof(VectorKind.Wide))]
    [InlineData("31c0c3", nameof(VectorKind.Plain))]
    public void Instructions_tell_what_a_function_is_for(string code, string kind) =>
        Assert.Equal(kind, VectorCode.KindOf(Convert.FromHexString(code)).ToString());

    [Fact]
    public void Damaged_files_are_read_without_an_error()
    {
        byte[] whole = Library().Bytes is { } read ? Read(read) : [];
        var random = new Random(5);
        for (int i = 0; i < 300; i++)
        {
            byte[] bytes = (byte[])whole.Clone();
            for (int k = 0; k < 4; k++)
                bytes[random.Next(k < 2 ? 512 : bytes.Length)] = (byte)random.Next(256);
            _ = new CodeVariants().In("x", File(bytes));
        }
    }

    private static byte[] Read(Func<ulong, Memory<byte>, int> read)
    {
        var bytes = new byte[0x5000];
        read(0, bytes);
        return bytes;
    }

    private static ReadOnlySpan<byte> Library(int bytes) => Read(Library().Bytes!).AsSpan(0, bytes);

    // One segment of text, one table of relocations with two resolvers.
    private static ExternalFile Library()
    {
        var bytes = new byte[0x5000];
        "\u007fELF\u0002\u0001"u8.CopyTo(bytes);
        Put(bytes, 32, 64);
        Put(bytes, 40, 128);
        bytes[56] = 1;
        bytes[60] = 1;
        bytes[64] = 1; // PT_LOAD
        bytes[68] = 5; // readable, executable
        Put(bytes, 64 + 8, TextAt);
        Put(bytes, 64 + 16, TextAt);
        Put(bytes, 64 + 32, 0x4000);
        bytes[128 + 4] = 4; // SHT_RELA
        Put(bytes, 128 + 24, 256);
        Put(bytes, 128 + 32, 48);
        Put(bytes, 256 + 8, 37);
        Put(bytes, 256 + 16, Resolver);
        Put(bytes, 280 + 8, 37);
        Put(bytes, 280 + 16, OtherResolver);
        Take(bytes, Resolver, [Plain, Avx2, Rtm, Evex]);
        Take(bytes, OtherResolver, [CopyAvx2, CopyEvex, CopyWide, CopyWideErms]);
        VexCode.CopyTo(bytes, (int)Avx2);
        VexCode.CopyTo(bytes, (int)CopyAvx2);
        VexCode.CopyTo(bytes, (int)Rtm);
        new byte[] { 0x0f, 0x01, 0xd6 }.CopyTo(bytes, (int)Rtm + 16);
        EvexCode.CopyTo(bytes, (int)Evex);
        EvexCode.CopyTo(bytes, (int)CopyEvex);
        Wide().CopyTo(bytes, (int)CopyWide);
        Wide().CopyTo(bytes, (int)CopyWideErms);
        return File(bytes);
    }

    private static byte[] Wide()
    {
        byte[] code = (byte[])EvexCode.Clone();
        foreach (int at in new[] { 3, 9, 15 })
            code[at] = 0x48;
        return code;
    }

    private static void Take(byte[] bytes, ulong at, ulong[] targets)
    {
        foreach (ulong target in targets)
        {
            new byte[] { 0x48, 0x8d, 0x05 }.CopyTo(bytes, (int)at);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan((int)at + 3), (int)(target - at - 7));
            at += 7;
        }
    }

    private static void Put(byte[] bytes, int at, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), value);

    private static ExternalFile File(byte[] bytes) => new(ExternalKind.Regular, (ulong)bytes.Length, (at, into) =>
    {
        if (at >= (ulong)bytes.Length)
            return 0;
        ReadOnlySpan<byte> rest = bytes.AsSpan((int)at);
        rest = rest[..Math.Min(rest.Length, into.Length)];
        rest.CopyTo(into.Span);
        return rest.Length;
    });
}
