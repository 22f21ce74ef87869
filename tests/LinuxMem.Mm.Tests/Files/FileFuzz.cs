using CsCheck;
using LinuxMem.Abi;

namespace LinuxMem.Mm.Tests.Files;

/// <summary>
/// Random calls on two files (on a disk, in shared memory) and loads and stores through mappings of them, made by the
/// kernel's copies as mmfuzz makes them, against arrays of bytes.
/// </summary>
public class FileFuzz
{
    private static readonly Gen<(int What, int Slot, int Where, int Length, int Other)> Step = Gen.Select(
        Gen.Int[0, 99], Gen.Int[0, 3], Gen.Int[0, 50_000], Gen.Int[1, 60], Gen.Int[0, 13]);

    [Fact]
    public void Files_and_mappings_hold_what_arrays_of_bytes_hold() =>
        Step.List[1, 60].Sample(
            steps =>
            {
                using var run = new Run();
                foreach (var step in steps)
                    run.Do(step.What, step.Slot, step.Where, step.Length, step.Other);
                run.End();
            },
            iter: 300, threads: 1);

    private sealed class Run : IDisposable
    {
        private const ulong Base = 0x4000_0000;
        private const int SlotPages = 6;
        private readonly FileRig rig = new();
        private readonly FileModel[] files;
        private readonly int[] fds;
        private readonly int data;
        private readonly int scratch;
        private readonly byte[] known = FileRig.Bytes(4096, seed: 3);
        private readonly Slot?[] slots = new Slot?[4];

        public Run()
        {
            data = rig.Open("data");
            rig.Pwrite(data, known, 0);
            scratch = rig.Open("scratch");
            fds = [rig.Open("f"), rig.Open("/dev/shm/f")];
            files = [new FileModel(isDisk: true), new FileModel(isDisk: false)];
        }

        public void Do(int what, int slot, int where, int length, int other)
        {
            int file = other & 1;
            switch (what)
            {
                case < 14:
                    byte[] bytes = FileRig.Bytes(length, where);
                    Assert.Equal(length, rig.Pwrite(fds[file], bytes, (ulong)where));
                    files[file].Write(where, bytes);
                    break;
                case < 26:
                    Assert.Equal(files[file].Read(where, length), rig.Pread(fds[file], length, (ulong)where));
                    break;
                case < 36:
                    int size = (what & 1) == 0 ? where : other * 4096;
                    Assert.Equal(0, rig.Call(SyscallNr.Ftruncate, (ulong)fds[file], (ulong)size));
                    files[file].SetSize(size);
                    foreach (Slot? mapped in slots)
                        mapped?.Cut(files[file]);
                    break;
                case < 40:
                    int end = where + (length * 300);
                    Assert.Equal(0,
                        rig.Call(SyscallNr.Fallocate, (ulong)fds[file], 3, (ulong)where, (ulong)(end - where)));
                    files[file].Punch(where, end);
                    break;
                case < 42:
                    Assert.Equal(0, rig.Call(SyscallNr.Fsync, (ulong)fds[file]));
                    break;
                case < 44:
                    Assert.Equal(0, rig.Call(SyscallNr.Fadvise64, (ulong)fds[file], 0, 0, 4));
                    break;
                case < 54:
                    Map(slot, file, other, (what & 1) == 0);
                    break;
                case < 76:
                    Store(slot, where % (SlotPages * 4096), length);
                    break;
                default:
                    Load(slot, where % (SlotPages * 4096), length);
                    break;
            }
        }

        public void End()
        {
            for (int file = 0; file < 2; file++)
            {
                for (int at = 0; at < files[file].Size; at += 8192)
                    Assert.Equal(files[file].Read(at, 8192), rig.Pread(fds[file], 8192, (ulong)at));
            }

            rig.Kernel.Exit(rig.Task);
        }

        public void Dispose() => rig.Dispose();

        private static ulong AddressOf(int slot) => Base + ((ulong)slot << 20);

        private void Map(int slot, int file, int firstPage, bool isShared)
        {
            MapFlags type = isShared ? MapFlags.Shared : MapFlags.Private;
            Assert.Equal((long)AddressOf(slot),
                rig.Map(fds[file], AddressOf(slot), SlotPages, type, offset: (ulong)firstPage * 4096));
            slots[slot] = new Slot(files[file], firstPage, isShared);
        }

        private void Store(int slot, int at, int length)
        {
            int from = at % 4000;
            long expected = -(long)Errno.EFAULT;
            if (slots[slot] is { } mapped)
            {
                int stored = mapped.Store(at, known.AsSpan(from, Math.Min(length, 4096 - from)), SlotPages);
                expected = stored > 0 ? stored : expected;
            }

            Assert.Equal(expected, rig.Call(SyscallNr.Pread64, (ulong)data, AddressOf(slot) + (ulong)at,
                (ulong)Math.Min(length, 4096 - from), (ulong)from));
        }

        private void Load(int slot, int at, int length)
        {
            byte[] expected = slots[slot]?.Load(at, length, SlotPages) ?? [];
            long count = rig.Call(SyscallNr.Pwrite64, (ulong)scratch, AddressOf(slot) + (ulong)at, (ulong)length, 0);
            Assert.Equal(expected.Length == 0 ? -(long)Errno.EFAULT : expected.Length, count);
            if (count > 0)
                Assert.Equal(expected, rig.Pread(scratch, expected.Length, 0));
        }
    }

    private sealed class Slot(FileModel file, int firstPage, bool isShared)
    {
        private readonly Dictionary<int, byte[]> copies = [];

        public void Cut(FileModel changed)
        {
            foreach (int page in copies.Keys.Where(page => changed == file && page >= file.Pages).ToArray())
                copies.Remove(page);
        }

        public int Store(int at, ReadOnlySpan<byte> bytes, int pages)
        {
            for (int i = 0; i < bytes.Length; i++)
            {
                int page = firstPage + ((at + i) >> 12);
                if (at + i >= pages << 12 || Writable(page) is not { } content)
                    return i;
                content[(at + i) & 4095] = bytes[i];
            }

            return bytes.Length;
        }

        public byte[] Load(int at, int length, int pages)
        {
            var bytes = new List<byte>();
            for (int i = at; i < at + length && i < pages << 12; i++)
            {
                int page = firstPage + (i >> 12);
                if (!copies.TryGetValue(page, out byte[]? content))
                    content = page < file.Pages ? file.Page(page) : null;
                if (content is null)
                    break;
                bytes.Add(content[i & 4095]);
            }

            return [.. bytes];
        }

        private byte[]? Writable(int page)
        {
            if (copies.TryGetValue(page, out byte[]? copy))
                return copy;
            if (page >= file.Pages)
                return null;
            return isShared ? file.Page(page) : copies[page] = (byte[])file.Page(page).Clone();
        }
    }

    // Pages are kept whole: what mappings store behind the end of the file stays until the file changes its length.
    private sealed class FileModel(bool isDisk)
    {
        private readonly Dictionary<int, byte[]> pages = [];

        public int Size { get; private set; }

        public int Pages => (Size + 4095) >> 12;

        public byte[] Page(int index)
        {
            if (!pages.TryGetValue(index, out byte[]? page))
                pages.Add(index, page = new byte[4096]);
            return page;
        }

        public void Write(int at, byte[] bytes)
        {
            if (at > Size && isDisk)
                ZeroTail();
            for (int i = 0; i < bytes.Length; i++)
                Page((at + i) >> 12)[(at + i) & 4095] = bytes[i];
            Size = Math.Max(Size, at + bytes.Length);
        }

        public byte[] Read(int at, int length)
        {
            length = Math.Clamp(Size - at, 0, length);
            var bytes = new byte[length];
            for (int i = 0; i < length; i++)
                bytes[i] = Page((at + i) >> 12)[(at + i) & 4095];
            return bytes;
        }

        public void SetSize(int size)
        {
            bool shrinks = size < Size;
            if (shrinks)
                Size = size;
            if (shrinks || isDisk)
                ZeroTail();
            Size = size;
            foreach (int index in pages.Keys.Where(index => index >= Pages).ToArray())
                pages.Remove(index);
        }

        public void Punch(int from, int end)
        {
            if (isDisk && from >= Size)
                return;
            if (isDisk && end >= Size)
                end = Pages << 12;
            for (int i = from; i < end; i++)
                Page(i >> 12)[i & 4095] = 0;
        }

        private void ZeroTail()
        {
            if ((Size & 4095) != 0)
                Page(Size >> 12).AsSpan(Size & 4095).Clear();
        }
    }
}
