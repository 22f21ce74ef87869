namespace LinuxMem.Reporting.Html;

/// <summary>The style of the page: light or dark, as the reader has it.</summary>
internal static class HtmlStyle
{
    /// <summary>The style sheet.</summary>
    public const string Css = """
        :root{color-scheme:light dark;--fg:#1c2430;--bg:#fff;--soft:#5b6675;--line:#dde2e8;--tile:#f4f6f8}
        @media (prefers-color-scheme:dark){
        :root{--fg:#e3e8ee;--bg:#14181e;--soft:#97a3b1;--line:#2d3540;--tile:#1d232b}}
        body{font:15px/1.45 system-ui,sans-serif;color:var(--fg);background:var(--bg);max-width:980px;margin:2em auto;
        padding:0 1em}
        h1{font-size:1.7em;margin:0 0 .6em}h2{font-size:1.15em;margin:1.8em 0 .5em}
        .tiles{display:flex;flex-wrap:wrap;gap:.6em}
        .tiles div{background:var(--tile);border-radius:6px;padding:.5em .9em}
        .tiles b{display:block;font-size:1.15em}.tiles span,.note,.legend{color:var(--soft);font-size:.88em}
        .bad{color:#c0392b;font-weight:600}
        svg{width:100%;height:auto;display:block}svg text{font:11px system-ui,sans-serif;fill:var(--fg)}
        .grid{stroke:var(--line);stroke-width:1}
        .legend span{margin-right:1em;white-space:nowrap}
        .legend i{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.4em}
        .scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.86em;width:100%}
        th,td{text-align:left;padding:.25em .6em;border-bottom:1px solid var(--line);white-space:nowrap}
        th{color:var(--soft);font-weight:600}.n{text-align:right;font-variant-numeric:tabular-nums}
        .s0{fill:#4c78a8}.s1{fill:#f58518}.s2{fill:#54a24b}.s3{fill:#e45756}.s4{fill:#9aa5b1}.s5{fill:#b279a2}
        .s6{fill:#eeca3b}.s7{fill:#72b7b2}
        .b0{background:#4c78a8}.b1{background:#f58518}.b2{background:#54a24b}.b3{background:#e45756}
        .b4{background:#9aa5b1}.b5{background:#b279a2}.b6{background:#eeca3b}.b7{background:#72b7b2}

        """;
}
