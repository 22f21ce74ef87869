using System.Text;
using System.Xml;

namespace LinuxMem.Reporting.Expecting;

/// <summary>A test case of a JUnit report.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Failure">Why it failed; null if it passed.</param>
/// <param name="Detail">More about the failure: how to see it again.</param>
public sealed record JUnitCase(string Name, string? Failure, string Detail = "");

/// <summary>Results as JUnit XML, which CI servers show. No wall time in it: equal runs give equal files.</summary>
public static class JUnitReport
{
    /// <summary>Writes one suite as UTF-8.</summary>
    /// <param name="utf8">Where to; stays open.</param>
    /// <param name="suite">Name of the suite: the scenario.</param>
    /// <param name="properties">What the reader should know of the run: seed, digest, build.</param>
    /// <param name="cases">The cases, in order.</param>
    public static void Write(Stream utf8, string suite, IReadOnlyList<KeyValuePair<string, string>> properties,
        IReadOnlyList<JUnitCase> cases)
    {
        var settings = new XmlWriterSettings
        {
            Encoding = new UTF8Encoding(false),
            Indent = true,
            NewLineChars = "\n",
            CloseOutput = false,
        };
        using var xml = XmlWriter.Create(utf8, settings);
        int failures = cases.Count(one => one.Failure is not null);
        xml.WriteStartElement("testsuites");
        Totals(xml, cases.Count, failures);
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", Clean(suite));
        Totals(xml, cases.Count, failures);
        xml.WriteStartElement("properties");
        foreach ((string name, string value) in properties)
        {
            xml.WriteStartElement("property");
            xml.WriteAttributeString("name", Clean(name));
            xml.WriteAttributeString("value", Clean(value));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        foreach (JUnitCase one in cases)
            Write(xml, suite, one);
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, string suite, JUnitCase one)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", "linuxmem." + Clean(suite));
        xml.WriteAttributeString("name", Clean(one.Name));
        if (one.Failure is not null)
        {
            xml.WriteStartElement("failure");
            xml.WriteAttributeString("message", Clean(one.Failure));
            xml.WriteString(Clean(one.Detail));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void Totals(XmlWriter xml, int tests, int failures)
    {
        xml.WriteAttributeString("tests", XmlConvert.ToString(tests));
        xml.WriteAttributeString("failures", XmlConvert.ToString(failures));
        xml.WriteAttributeString("errors", "0");
        xml.WriteAttributeString("skipped", "0");
    }

    // What XML 1.0 cannot carry becomes '?'.
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isAllowed = rune.Value is '\t' or '\n' or '\r' or >= 0x20 and not (0xfffe or 0xffff);
            clean.Append(isAllowed && rune != Rune.ReplacementChar ? rune.ToString() : "?");
        }

        return clean.ToString();
    }
}
