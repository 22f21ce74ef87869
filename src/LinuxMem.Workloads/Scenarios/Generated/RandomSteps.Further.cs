namespace LinuxMem.Workloads.Scenarios.Generated;

/// <content>Stories about what lies beside a program's own memory: files on disks, swap areas, pipes, the memory of
/// others. Drawn apart, as those before.</content>
internal sealed partial class RandomSteps
{
    private const int FurtherPercent = 35;

    private void WriteFurther() => Aside("further", FurtherPercent, () =>
    {
        switch (stream.Below(9))
        {
            case < 2:
                Erosion();
                break;
            case 2:
                Stubs();
                break;
            case 3 when machine.HasSwap:
                Areas();
                break;
            case 4:
                Conduit();
                break;
            case 5:
                Neighbours();
                break;
            case 6:
                Supplier();
                break;
            case 7:
                Provinces();
                break;
            default:
                Thaw();
                break;
        }
    });

    // A file on a disk that loses its middle or its end after it was written, and is read again.
    private void Erosion()
    {
        ulong size = 2 + stream.Below(8);
        string file = $"f{depth}{named++}";
        OpenAs($"/d/{stream.Below(4)}", file, size);
        (string name, _) = Map("erosion", size, shared: true, file);
        Plain("touch", name);
        for (ulong i = 1 + stream.Below(3); i > 0; i--)
        {
            Text("fsync", file);
            if (stream.Percent(40))
                Text("forget", file);
            ulong from = (stream.Below(size) * PageBytes) + (stream.Percent(70) ? 8 * stream.Below(512) : 0);
            if (stream.Percent(50))
                Call("ftruncate", "file:" + file, $"{from}");
            else
                Call("fallocate", "file:" + file, stream.Percent(70) ? "3" : "16", $"{from}",
                    $"{8 * (1 + stream.Below(1536))}");
            if (stream.Percent(50))
                TouchPart(name, size, write: true);
            Call("ftruncate", "file:" + file, Bytes(size));
            ReadOf("touch", name);
            if (stream.Percent(50))
            {
                Text("fsync", file);
                Text("forget", file);
            }

            ReadOf("touch", name);
            TouchPart(name, size, write: true);
        }
    }

    // Shared memory in swap whose end goes while it is there, and comes back.
    private void Stubs()
    {
        ulong size = 2 + stream.Below(10);
        string file = NewMemoryFile(size);
        (string name, _) = Map("stubs", size, shared: true, file);
        Plain("touch", name);
        PageOut(name, size);
        Pause(100 + stream.Below(3000));
        ulong from = stream.Below(size);
        if (stream.Percent(60))
            Call("ftruncate", "file:" + file, Bytes(from));
        else
            Call("fallocate", "file:" + file, "3", Bytes(from), Bytes(1 + stream.Below(size - from)));
        Call("ftruncate", "file:" + file, Bytes(size));
        ReadOf("touch", name);
    }

    // Swap that is taken out of use while pages are in it, and comes back.
    private void Areas()
    {
        ulong size = 4 + stream.Below(24);
        (string name, _) = Map("areas", size, shared: stream.Percent(30));
        Plain("touch", name);
        PageOut(name, size);
        if (stream.Percent(40))
        {
            BeginFork();
            TouchPart(name, size, write: true);
            EndFork();
        }

        string area = RandomMachine.AreaPaths[stream.Percent(70) ? 0 : 1];
        Begin("swapoff");
        json.WriteString("path", area);
        End();
        TouchPart(name, size, write: true);
        Begin("swapon");
        json.WriteString("path", area);
        if (stream.Percent(50))
            json.WriteNumber("priority", stream.Below(4));
        End();
        PageOut(name, size);
        ReadOf("touch", name);
    }

    // Bytes through a pipe: written, lent, moved on and read.
    private void Conduit()
    {
        ulong size = 1 + stream.Below(6);
        (string name, _) = Map("conduit", size, shared: stream.Percent(40));
        Plain("touch", name);
        string pipe = $"q{depth}{named++}";
        BeginCall("pipe2", "data", "0x800");
        json.WriteString("asFile", pipe);
        End();
        string file = AnyFile(size);
        for (ulong i = 1 + stream.Below(4); i > 0; i--)
        {
            string length = $"{1 + stream.Below(2 * PageBytes)}";
            switch (stream.Below(5))
            {
                case 0:
                    Call("write", $"file:{pipe}.w", At(name, stream.Below(size)), length);
                    break;
                case 1:
                    Call("splice", "file:" + file, "0", $"file:{pipe}.w", "0", length, "2");
                    break;
                case 2:
                    BeginCall("vmsplice", $"file:{pipe}.w", "0", "1", stream.Percent(30) ? "10" : "2");
                    Ranges("vectors", At(name, stream.Below(size)), length);
                    End();
                    break;
                case 3:
                    Call("splice", "file:" + pipe, "0", "file:" + file, "0", length, "2");
                    break;
                default:
                    Call("read", "file:" + pipe, At(name, stream.Below(size)), length);
                    break;
            }

            if (stream.Percent(40))
                TouchPart(name, size, write: true);
        }

        if (stream.Percent(70))
            Call("close", "file:" + pipe);
        Call("close", $"file:{pipe}.w");
        ReadOf("touch", name);
    }

    // A child that reads and writes its parent's memory while that is used, thrown out or gone.
    private void Neighbours()
    {
        ulong size = 2 + stream.Below(8);
        (string name, _) = Map("theirs", size, shared: stream.Percent(20));
        if (stream.Percent(80))
            Plain("touch", name);
        string pid = $"i{depth}{named++}";
        BeginCall("getpid");
        json.WriteString("asFile", pid);
        End();
        BeginFork();
        for (ulong i = 1 + stream.Below(3); i > 0; i--)
        {
            BeginCall(stream.Percent(60) ? "process_vm_writev" : "process_vm_readv", "file:" + pid, "0", "1", "0", "1",
                "0");
            string length = $"{1 + stream.Below(2 * PageBytes)}";
            Ranges("vectors", At(name, stream.Below(size)), length);
            Ranges("remoteVectors", At(name, stream.Below(size)), length);
            End();
            TouchPart(name, size, write: true);
        }

        EndFork();
        if (stream.Percent(40))
            PageOut(name, size);
        TouchPart(name, size, write: true);
        if (stream.Percent(40))
            Call("munmap", At(name, stream.Below(size)), Bytes(1));
        ReadOf("touch", name);
    }

    // Memory that one thread waits for and another fills. Whatever fails, the waiting ends with the descriptor.
    private void Supplier()
    {
        ulong size = 1 + stream.Below(6);
        (string source, _) = Map("source", size, shared: false);
        Plain("touch", source);
        (string name, _) = Map("wanted", size, shared: false);
        // A thread has descriptors of its own: one that comes later would keep the context open.
        Begin("thread");
        json.WriteStartArray("steps");
        Pause(1 + stream.Below(30));
        TouchPart(name, size, write: stream.Percent(50));
        TouchPart(name, size, write: true);
        json.WriteEndArray();
        End();
        string context = $"u{depth}{named++}";
        BeginCall("userfaultfd", "0");
        json.WriteString("asFile", context);
        End();
        const string api = "0xc018aa3f", register = "0xc020aa00", copy = "0xc028aa03", zero = "0xc020aa04",
            protect = "0xc018aa06", unregister = "0x8010aa01";
        Control(context, api, "170", "0", "0");
        bool protects = stream.Percent(40);
        Control(context, register, name, Bytes(size), protects ? "3" : "1", "0");
        for (ulong i = 0; i < size; i++)
        {
            if (stream.Percent(70))
                Control(context, copy, At(name, i), At(source, i), Bytes(1), protects && stream.Percent(50) ? "2" : "0",
                    "0");
            else
                Control(context, zero, At(name, i), Bytes(1), "0", "0");
        }

        if (protects)
        {
            Control(context, protect, name, Bytes(size), "1");
            Control(context, protect, name, Bytes(size), "0");
        }

        if (stream.Percent(60))
            Control(context, unregister, name, Bytes(size));
        Call("close", "file:" + context);
        ReadOf("touch", name);
    }

    private void Control(string context, string command, params string[] words)
    {
        BeginCall("ioctl", "file:" + context, command, "bss");
        List("words", words);
        End();
    }

    // Parts of a mapping that are bound to nodes, become alike and differ again.
    private void Provinces()
    {
        ulong size = 3 + stream.Below(8);
        (string name, _) = Map("province", size, shared: stream.Percent(30));
        TouchPart(name, size, write: true);
        for (ulong i = 2 + stream.Below(4); i > 0; i--)
        {
            ulong first = stream.Below(size);
            Call("mbind", At(name, first), Bytes(1 + stream.Below(size - first)), stream.Percent(60) ? "4" : "0", "0",
                "0", stream.Percent(30) ? "2" : "0");
            if (stream.Percent(30))
                Call("set_mempolicy", stream.Percent(50) ? "4" : "0", "0", "0");
            TouchPart(name, size, write: true);
        }
    }

    // Memory that may go, is wanted after all, and is copied by a child meanwhile.
    private void Thaw()
    {
        ulong size = 2 + stream.Below(10);
        (string name, _) = Map("thaw", size, shared: false);
        Plain("touch", name);
        if (stream.Percent(50))
            PageOut(name, size);
        BeginFork();
        Call("madvise", name, Bytes(size), "8");
        TouchPart(name, size, write: true);
        (string hog, _) = Map("hog", (pages / 2) + stream.Below(pages), shared: false);
        Plain("touch", hog);
        ReadOf("touch", name);
        EndFork();
        Call("madvise", At(name, stream.Below(size)), Bytes(1), "8");
        TouchPart(name, size, write: true);
        ReadOf("touch", name);
    }

    private void PageOut(string name, ulong size)
    {
        Begin("madvise");
        json.WriteString("region", name);
        Range(size, "length", percent: 30);
        json.WriteString("advice", "pageout");
        End();
    }

    private void Pause(ulong us)
    {
        json.WriteStartObject();
        json.WriteString("sleep", $"{us}us");
        json.WriteEndObject();
    }

    private void Ranges(string key, string start, string length)
    {
        json.WriteStartArray(key);
        json.WriteStartArray();
        json.WriteStringValue(start);
        json.WriteStringValue(length);
        json.WriteEndArray();
        json.WriteEndArray();
    }

    private void List(string key, string[] values)
    {
        json.WriteStartArray(key);
        foreach (string value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
