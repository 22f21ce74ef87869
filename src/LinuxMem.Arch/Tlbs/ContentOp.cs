using System.Runtime.InteropServices;
using LinuxMem.Abi;

namespace LinuxMem.Arch.Tlbs;

/// <summary>An access to memory's contents, to be carried out by the kernel in the order of time.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ContentOp
{
    /// <summary>When the access started, in nanoseconds of virtual time.</summary>
    public long TimeNs;

    /// <summary>The virtual address, rounded down to a multiple of 8.</summary>
    public ulong Va;

    /// <summary>The value stored; 0 for a load.</summary>
    public ulong Value;

    /// <summary>The task.</summary>
    public int TaskId;

    /// <summary>Its address space.</summary>
    public int MmId;

    /// <summary>The frame that the address was translated to.</summary>
    public uint Pfn;

    /// <summary>Read or Write; instruction fetches are logged as Read.</summary>
    public AccessKind Kind;
}
