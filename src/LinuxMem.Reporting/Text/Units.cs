using System.Globalization;

namespace LinuxMem.Reporting.Text;

/// <summary>Numbers as people read them: three or four digits and a unit, the same in every culture.</summary>
public static class Units
{
    private static readonly string[] Times = ["ns", "us", "ms", "s"];
    private static readonly string[] Sizes = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    private static readonly string[] ShortSizes = ["K", "M", "G", "T", "P"];
    private static readonly string[] Factors = ["", "k", "M", "G", "T", "P", "E"];

    /// <summary>A time in nanoseconds: "812 ns", "3.40 ms", "95.0 s", "3600 s".</summary>
    public static string Duration(long ns) => Scaled(ns, 1000, Times, " ");

    /// <summary>A time in seconds: "1.23 s", "340 ms".</summary>
    public static string Seconds(double seconds) => Scaled(Math.Max(0, seconds) * 1e9, 1000, Times, " ");

    /// <summary>A size in bytes: "512 B", "64.0 KiB", "1.20 GiB".</summary>
    public static string Bytes(long bytes) => Scaled(bytes, 1024, Sizes, " ");

    /// <summary>A size in KiB, short as in ps: "812K", "63.9M", "1.20G".</summary>
    public static string Kib(long kib) => kib == 0 ? "0" : Scaled(kib, 1024, ShortSizes, "");

    /// <summary>A count: exact with separators below ten million, else rounded: "9,999,999", "34.6 M".</summary>
    public static string Count(long count) =>
        count is > -10_000_000 and < 10_000_000 ? Exact(count) : Scaled(count, 1000, Factors, " ");

    /// <summary>A count with every digit: "123,456,789".</summary>
    public static string Exact(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Things in a second, three digits: "812 accesses/s", "28.1 M accesses/s".</summary>
    public static string Rate(double perSecond, string things) =>
        Scaled(perSecond, 1000, Factors, " ") + " " + things + "/s";

    /// <summary>A share in percent with the given number of decimals; "-" of nothing.</summary>
    public static string Percent(long part, long whole, int decimals = 1)
    {
        if (whole <= 0)
            return "-";
        string format = "F" + decimals.ToString(CultureInfo.InvariantCulture);
        return (100.0 * part / whole).ToString(format, CultureInfo.InvariantCulture) + "%";
    }

    private static string Scaled(double value, double step, string[] units, string space)
    {
        int unit = 0;
        double sign = value < 0 ? -1 : 1;
        value = Math.Abs(value);
        // Half a unit below the step, a value would round up to the step itself: it is shown in the next unit.
        while (value >= step - 0.5 && unit < units.Length - 1)
        {
            value /= step;
            unit++;
        }

        string format = unit == 0 || value >= 99.95 ? "0" : value >= 9.995 ? "0.0" : "0.00";
        return (sign * value).ToString(format, CultureInfo.InvariantCulture) + (units[unit].Length == 0 ? "" : space)
            + units[unit];
    }
}
