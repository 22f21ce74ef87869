namespace LinuxMem.Workloads.Lackey.Cpu;

/// <summary>Code of a library that valgrind's processor runs, and what a processor with AVX-512 runs instead.</summary>
/// <param name="Start">First byte of the code for AVX2, as an offset in the file.</param>
/// <param name="End">The byte behind the last.</param>
/// <param name="Native">First byte of the code for AVX-512, as an offset in the file.</param>
internal readonly record struct CodePair(ulong Start, ulong End, ulong Native);
