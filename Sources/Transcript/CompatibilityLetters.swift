// SPDX-License-Identifier: Apache-2.0

/// What characters are made of that Unicode's compatibility decomposition (NFKD) takes apart, as far as symbols tell it: the Swift
/// library knows only the canonical one. A test compares this table with Foundation for every character there is.
enum CompatibilityLetters {
    /// The characters that stand for it, in small letters without marks: "*" is any other letter or digit, "_" parts words, and
    /// nothing is left of some. nil of those that symbols tell nothing more of.
    static func of(_ scalar: Unicode.Scalar) -> String? {
        if firstSyllable...lastSyllable ~= scalar.value {
            return (scalar.value - firstSyllable) % 28 == 0 ? "**" : "***"
        }
        return table[scalar.value]
    }

    /// Hangul, of two or three letters each.
    private static let (firstSyllable, lastSyllable): (UInt32, UInt32) = (0xAC00, 0xD7A3)

    private static let table: [UInt32: String] = {
        var table: [UInt32: String] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard var scalar = words.first.flatMap({ UInt32($0, radix: 16) }) else { continue }
            for word in words.dropFirst() {
                let letters = word.prefix { !$0.isNumber }
                for _ in 0..<(Int(word.dropFirst(letters.count)) ?? 1) {
                    table[scalar] = letters == "-" ? "" : String(letters)
                    scalar += 1
                }
            }
        }
        return table
    }()

    /// Each line: a character, what stands for it, and for those after it. A number says for how many it stands; "-" is nothing.
    private static let text = """
        AA a
        BA o
        BC *_*3
        C0 a6
        C7 c e4 i4
        D1 n o5
        D9 u4 y
        E0 a6
        E7 c e4 i4
        F1 n o5
        F9 u4 y
        FF y a6 c8 d2
        112 e10 g8 h2
        128 i8
        132 ij2 j2 k2
        139 l6 l_2
        143 n6 *n
        14C o6
        154 r6 s8 t4
        168 u12 w2 y3 z6 s
        1A0 o2
        1AF u2
        1C4 dz3 lj3 nj3 a2 i2 o2 u10
        1DE a4 ae2
        1E6 g2 k2 o4
        1F0 j dz3 g2
        1F8 n2 a2 ae2 o2 a4 e4 i4 o4 r4 u4 s2 t2
        21E h2
        226 a2 e2 o8 y2
        2B0 h
        2B2 j r
        2B7 w y
        2E1 l s x
        37A _
        587 **
        675 **4
        EDC **2
        1D2C a ae b
        1D30 d e
        1D33 g h i j k l m n
        1D3C o
        1D3E p r t u w a
        1D47 b d e
        1D4D g
        1D4F k m
        1D52 o
        1D56 p t u
        1D5B v
        1D62 i r u v
        1D9C c
        1D9E d
        1DA0 f
        1DBB z
        1E00 a2 b6 c2 d10 e10 f2 g2 h10 i4 k6 l8 m6 n8 o8 p4 r8 s10 t8 u10 v4 w10 x4 y2 z6 h t w y a* s
        1EA0 a24 e16 i4 o24 u14 y8
        2025 _2
        2033 _2
        2036 _2
        203C _
        2047 _3
        2057 _
        2071 i
        207F n
        2090 a e o x
        2095 h k l m n p s t
        20A8 rs
        2100 a_c a_s c _c
        2105 c_o c_u
        2109 _f g h4
        2110 i2 l2
        2115 n no
        2119 p q r3
        2120 sm tel tm
        2124 z
        2128 z
        212B a b c
        212F e2 f
        2133 m o
        2139 i
        213B fax
        2145 d2 e i j
        2150 *_*2 *_** *_*12 *_ i ii iii iv v vi vii viii ix x xi xii l c d m i ii iii iv v vi vii viii ix x xi xii l c
        217E d m
        2189 *_*
        222C _2
        222F _2
        2469 **11 _*_9 _**_11 *_9 **_11 _a_ _b_ _c_ _d_ _e_ _f_ _g_ _h_ _i_ _j_ _k_ _l_ _m_ _n_ _o_ _p_ _q_ _r_ _s_ _t_
        24B0 _u_ _v_ _w_ _x_ _y_ _z_ a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p
        24E0 q r s t u v w x y z
        2A0C _
        2A74 _3
        2C7C j v
        2E9F *
        2EF3 *
        2F00 *214
        309F **
        30FF **
        3196 *10
        3200 _*_14 _**_15 _*****_ _****_
        3220 _*_36 *4
        3250 pte **15 *14 **14 ***** **** **
        328A *39 **24 ***3 hg erg ev ltd *47 ** ****3 *** **** ***2 ***** **** ***3 ****2 ***2 ** *** ****2 ** *****
        3316 ****** ***** *** *****2 **** ***3 **** ***** **** ***3 **4 ***2 ***** *** **** ***** *** **2 ***** ****
        3334 ***** *** ***** ** ***5 **** *** ** ***3 **** ***3 ***** **** ** ***** ** ****2 ***3 **** ** *** **** **
        3356 ***** *** **10 ***15 hpa da au bar ov pc dm dm*2 iu **4 **** pa na *a ma ka kb mb gb cal kcal pf nf *f *g
        338E mg kg hz khz mhz ghz thz *l ml dl kl fm nm *m mm cm km mm* cm* m* km* mm* cm* m* km* m_s m_s* pa kpa mpa
        33AC gpa rad rad_s rad_s* ps ns *s ms pv nv *v mv kv mv pw nw *w mw kw mw k* m* a_m_ bq cc cd c_kg co_ db gy ha
        33CB hp in kk km kt lm ln log lx mb mil mol ph p_m_ ppm pr sr sv wb v_m a_m **9 ***22 gal
        A7F2 c f q
        A7F9 oe
        FB00 ff fi fl ffi ffl st2
        FB13 **5
        FB4F **
        FBDD **
        FBEA **18
        FC00 **91
        FC5E _6 **44
        FC91 **72
        FCDA **24
        FCF5 **71
        FD50 ***64
        FD92 ***54
        FDF0 ***2 ****7 *** ***_****_****_**** **_***** ****
        FE19 _
        FE30 _
        FE70 _
        FE72 _
        FE74 _
        FE76 _
        FE78 _
        FE7A _
        FE7C _
        FE7E _
        FEF5 **8
        FF07 '
        FF21 a b c d e f g h i j k l m n o p q r s t u v w x y z
        FF41 a b c d e f g h i j k l m n o p q r s t u v w x y z
        FF9E -2
        10783 ae
        107A2 o
        107A5 q
        1D400 a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z a
        1D435 b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g
        1D456 i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i
        1D48B j k l m n o p q r s t u v w x y z a
        1D49E c d
        1D4A2 g
        1D4A5 j k
        1D4A9 n o p q
        1D4AE s t u v w x y z a b c d
        1D4BB f
        1D4BD h i j k l m n
        1D4C5 p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p
        1D4FA q r s t u v w x y z a b
        1D507 d e f g
        1D50D j k l m n o p q
        1D516 s t u v w x y
        1D51E a b c d e f g h i j k l m n o p q r s t u v w x y z a b
        1D53B d e f g
        1D540 i j k l m
        1D546 o
        1D54A s t u v w x y
        1D552 a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z a
        1D587 b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z a b
        1D5BC c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z a b c
        1D5F1 d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d
        1D626 e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e
        1D65B f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f
        1D690 g h i j k l m n o p q r s t u v w x y z i
        1F100 *_11
        1F110 _a_ _b_ _c_ _d_ _e_ _f_ _g_ _h_ _i_ _j_ _k_ _l_ _m_ _n_ _o_ _p_ _q_ _r_ _s_ _t_ _u_ _v_ _w_ _x_ _y_ _z_
        1F12A _s_ c r cd wz
        1F130 a b c d e f g h i j k l m n o p q r s t u v w x y z hv mv sd ss ppv wc
        1F16A mc md mr
        1F190 dj
        1F200 **2 *
        1F210 *44
        1F240 _*_9
        1F250 *2
        """
}
