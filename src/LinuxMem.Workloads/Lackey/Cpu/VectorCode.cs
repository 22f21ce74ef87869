using System.Buffers.Binary;

namespace LinuxMem.Workloads.Lackey.Cpu;

/// <summary>What a function is written for.</summary>
internal enum VectorKind
{
    /// <summary>Its first instructions do not tell.</summary>
    Plain,

    /// <summary>Registers of 256 bits, encoded with VEX prefixes.</summary>
    Avx2,

    /// <summary>The same width, encoded with EVEX prefixes: AVX-512VL.</summary>
    Evex,

    /// <summary>Registers of 512 bits.</summary>
    Wide,

    /// <summary>For use in transactions of memory, which glibc chooses for no processor that has AVX-512.</summary>
    Transactional,
}

/// <summary>Looks into machine code as far as it takes to tell functions of the C library apart.</summary>
/// <remarks>Intel 64 manual, volume 2, sections 2.3 and 2.7: VEX and EVEX prefixes.</remarks>
internal static class VectorCode
{
    private const int LeaBytes = 7;
    private const int CertainFrom = 3;

    /// <summary>The addresses that code takes relative to itself: lea reg, [rip + disp32].</summary>
    internal static IEnumerable<ulong> AddressesTaken(byte[] code, ulong at)
    {
        for (int i = 0; i + LeaBytes <= code.Length; i++)
        {
            bool isLea = code[i] is 0x48 or 0x4c && code[i + 1] == 0x8d && (code[i + 2] & 0xc7) == 5;
            if (isLea)
                yield return unchecked(at + (ulong)(i + LeaBytes
                    + BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(i + 3))));
        }
    }

    /// <summary>What the instructions of a function are of.</summary>
    internal static VectorKind KindOf(ReadOnlySpan<byte> code)
    {
        if (code.IndexOf((ReadOnlySpan<byte>)[0x0f, 0x01, 0xd6]) >= 0) // xtest
            return VectorKind.Transactional;
        int vex = 0, evex = 0, wide = 0;
        for (int i = 0; i + 4 < code.Length; i++)
        {
            bool isEvex = code[i] == 0x62 && (code[i + 1] & 0x0c) == 0 && (code[i + 1] & 3) != 0
                && (code[i + 2] & 4) != 0;
            if (isEvex)
            {
                evex++;
                wide += (code[i + 3] >> 5 & 3) == 2 ? 1 : 0;
            }

            vex += code[i] == 0xc5 ? 1 : 0;
        }

        if (evex >= CertainFrom)
            return wide * 2 > evex ? VectorKind.Wide : VectorKind.Evex;
        return vex >= CertainFrom ? VectorKind.Avx2 : VectorKind.Plain;
    }
}
