namespace LinuxMem.Workloads.Scenarios.Generated;

/// <content>Stories about what is handed from one to another, and about edges that are not those of pages.</content>
internal sealed partial class RandomSteps
{
    private const int SundryPercent = 25;

    private void WriteSundry() => Aside("sundry", SundryPercent, () =>
    {
        switch (stream.Below(5))
        {
            case 0:
                Handover();
                break;
            case 1:
                Margin();
                break;
            case 2 or 3:
                Lease();
                break;
            default:
                Lookalikes();
                break;
        }
    });

    // Threads that wait for one futex, and are woken at another or at none.
    private void Handover()
    {
        (string name, _) = Map("handover", 1, shared: stream.Percent(40));
        Plain("touch", name);
        Begin("thread");
        json.WriteNumber("count", 1 + stream.Below(3));
        json.WriteStartArray("steps");
        for (ulong i = 1 + stream.Below(2); i > 0; i--)
        {
            Begin("futexWait");
            json.WriteString("region", name);
            json.WriteString("timeout", $"{20 + stream.Below(400)}us");
            End();
        }

        json.WriteEndArray();
        End();
        for (ulong i = 1 + stream.Below(3); i > 0; i--)
        {
            Pause(1 + stream.Below(40));
            // FUTEX_REQUEUE: nobody is woken, so many move.
            Call("futex", name, stream.Percent(50) ? "3" : "131", "0", $"{1 + stream.Below(3)}", name + "+1KiB", "0");
            Begin("futexWake");
            json.WriteString("region", name);
            json.WriteNumber("offset", stream.Percent(80) ? 1024 : 0);
            json.WriteNumber("count", 1 + stream.Below(2));
            End();
        }
    }

    // A file whose bytes reach to the very end of its pages, and which ends before, again and again.
    private void Margin()
    {
        ulong size = 1 + stream.Below(4);
        (string source, _) = Map("source", size, shared: false);
        TouchPart(source, size, write: true);
        string file = $"f{depth}{named++}";
        OpenAs($"/d/{stream.Below(4)}", file, size);
        (string name, _) = Map("margin", size, shared: true, file);
        ReadOf("touch", name);
        for (ulong i = 1 + stream.Below(4); i > 0; i--)
        {
            ulong bytes = 1 + stream.Below(size * PageBytes);
            Call("pwrite64", "file:" + file, source, $"{bytes}", $"{stream.Below(size * PageBytes)}");
            if (stream.Percent(50))
                Text("fsync", file);
            Call("ftruncate", "file:" + file, $"{stream.Below(size * PageBytes)}");
            TouchPart(name, size, write: stream.Percent(60));
            if (stream.Percent(40))
                Text("fsync", file);
            if (stream.Percent(40))
                Text("forget", file);
            Call("ftruncate", "file:" + file, Bytes(size));
            Call("pread64", "file:" + file, source, Bytes(size), "0");
            ReadOf("touch", name);
        }
    }

    // A file that may be written through memory only at times, and is written to the disk in between.
    private void Lease()
    {
        ulong size = 1 + stream.Below(8);
        string file = $"f{depth}{named++}";
        OpenAs($"/d/{stream.Below(4)}", file, size);
        (string name, _) = Map("lease", size, shared: true, file);
        for (ulong i = 2 + stream.Below(4); i > 0; i--)
        {
            TouchPart(name, size, write: stream.Percent(70));
            if (stream.Percent(40))
            {
                Call("sync_file_range", "file:" + file, "0", "0", "2");
                TouchPart(name, size, write: true);
            }

            if (stream.Percent(40))
                Text("fsync", file);
            else if (stream.Percent(30))
                Call("fdatasync", "file:" + file);
            Protect(name, "r");
            ReadOf("touch", name);
            Protect(name, "rw");
            TouchPart(name, size, write: stream.Percent(70));
        }

        Text("fsync", file);
        Text("forget", file);
        ReadOf("touch", name);
    }

    // Pages that are equal, until somebody writes to one of them while it is looked at.
    private void Lookalikes()
    {
        ulong size = 1 + stream.Below(3);
        string file = $"f{depth}{named++}";
        OpenAs("/d/3", file, size);
        (string name, _) = Map("alike", 2 * size, shared: false);
        Begin("madvise");
        json.WriteString("region", name);
        json.WriteString("advice", "mergeable");
        End();
        for (ulong half = 0; half < 2; half++)
            Call("pread64", "file:" + file, At(name, half * size), Bytes(size), "0");
        Pause(1000 + stream.Below(4000));
        Begin("thread");
        json.WriteStartArray("steps");
        WriteForAWhile(name, size);
        json.WriteEndArray();
        End();
        WriteForAWhile(name, size);
        ReadOf("touch", name);
    }

    private void WriteForAWhile(string name, ulong size)
    {
        BeginLoop(10 + stream.Below(60));
        TouchPart(name, 2 * size, write: stream.Percent(40));
        Pause(20 + stream.Below(200));
        EndLoop();
    }
}
